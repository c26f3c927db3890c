/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a VMM is told of interrupts that it injected or bound, and what it gets back, by system
 * calls and against a model of the GIC, on the core and off it.
 */
#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/gic_model.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/syscall.h"
#include "kernel/irq/route.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/trap.h"

#define CPU   (&cpus[0])
#define VMM   (&pds[1])
#define VCPU  (&vcpus[0])
#define CAP   (ABI_CAP_VCPU + 7)
#define SPI   60
#define BOUND 40
#define TIMER 27

#define PENDING ABI_IRQ_PENDING
#define ACTIVE  ABI_IRQ_ACTIVE

static const struct gic_ops *ops;
static struct image_irq irqs[1] = {{.intid = BOUND, .pd = 1, .channel = 0}};

static int setup(void **state)
{
    system_setup(state);
    gic_model_begin(ops);
    gic->enable(MODEL_MAINTENANCE, false);
    gic->enable(TIMER, false);
    system_give_irqs(irqs, 1);
    route_enable(0);
    return 0;
}

static uint64_t call(uint64_t number, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4)
{
    uint64_t *x = VMM->thread.frame.x;

    x[0] = CAP;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
    x[4] = x4;
    x[7] = number;
    syscall_handle(VMM);
    return x[0];
}

static uint64_t state_of(uint64_t intid)
{
    assert_int_equal(call(ABI_SYS_VCPU_IRQ_STATE, intid, 0, 0, 0), ABI_OK);
    return VMM->thread.frame.x[1];
}

static bool withdraw(unsigned int slot)
{
    assert_int_equal(call(ABI_SYS_VCPU_WITHDRAW_IRQ, slot, 0, 0, 0), ABI_OK);
    return VMM->thread.frame.x[1] != 0;
}

static void inject(uint64_t intid, uint64_t priority, uint64_t how, unsigned int slot)
{
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, intid, priority, how, slot), ABI_OK);
}

/* The guest runs a while, and its VMM again. */
static uint32_t guest_takes(void)
{
    uint32_t intid;

    switch_to(CPU, &VCPU->thread);
    intid = gic_model_guest_acknowledge();
    switch_to(CPU, NULL);
    return intid;
}

static void guest_ends(uint32_t intid)
{
    switch_to(CPU, &VCPU->thread);
    assert_int_equal(gic_model_guest_end(), intid);
    switch_to(CPU, NULL);
}

/* Its registers leave the core, where they stay otherwise until another guest's come. */
static void leave(bool evicts)
{
    if (evicts) {
        switch_evict(VCPU);
    }
}

static void injected(void **state)
{
    for (unsigned int evicts = 0; evicts < 2; evicts++) {
        setup(state);
        assert_int_equal(state_of(SPI), 0);
        assert_false(withdraw(2));
        inject(SPI, 10, 0, 2);
        leave(evicts != 0);
        assert_int_equal(state_of(SPI), PENDING);
        assert_int_equal(state_of(SPI + 1), 0);
        assert_true(withdraw(2));
        assert_false(withdraw(2));
        assert_int_equal(state_of(SPI), 0);
        assert_int_equal(guest_takes(), MODEL_NONE);
        inject(SPI, 10, 0, 2);
        assert_int_equal(guest_takes(), SPI);
        leave(evicts != 0);
        assert_int_equal(state_of(SPI), ACTIVE);
        assert_false(withdraw(2));
        guest_ends(SPI);
        leave(evicts != 0);
        assert_int_equal(state_of(SPI), 0);
        assert_false(withdraw(2)); /* the VMM is to be told first */
    }
}

/* There are fewer list registers than a VMM has. */
static void waiting(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < ABI_LIST_REGISTERS; i++) {
        inject(SPI + i, i, 0, i);
    }
    assert_int_equal(state_of(SPI + 3), PENDING);
    assert_true(withdraw(3));
    inject(SPI + 3, 3, 0, 3);
    assert_true(withdraw(0));
    for (uint32_t i = 1; i < ABI_LIST_REGISTERS; i++) {
        assert_int_equal(guest_takes(), SPI + i);
        guest_ends(SPI + i);
    }
    assert_int_equal(guest_takes(), MODEL_NONE);
}

static void bind(bool enabled)
{
    bind_irq(VCPU, route_irq(0), (struct gic_virq){.intid = BOUND, .priority = 8}, enabled);
}

static void bound(void **state)
{
    (void)state;
    bind(false);
    assert_int_equal(state_of(BOUND), 0);
    gic_model_raise(BOUND); /* waits at the GIC */
    assert_int_equal(state_of(BOUND), PENDING);
    bind(true);
    interrupt_handle(CPU);
    assert_int_equal(state_of(BOUND), PENDING);
    bind(false); /* held */
    assert_int_equal(state_of(BOUND), PENDING);
    bind(true);
    assert_int_equal(guest_takes(), BOUND);
    assert_int_equal(state_of(BOUND), ACTIVE);
    gic_model_raise(BOUND);
    assert_int_equal(state_of(BOUND), PENDING | ACTIVE);
    guest_ends(BOUND);
    assert_int_equal(state_of(BOUND), PENDING);
    bind_reset(VCPU);
    assert_int_equal(state_of(BOUND), 0);
}

static void timer(void **state)
{
    (void)state;
    host.counter = 1000;
    vcpu_write_register(VCPU, ABI_VCPU_CNTV_CVAL, 900);
    vcpu_write_register(VCPU, ABI_VCPU_CNTVOFF, 100);
    vcpu_write_register(VCPU, ABI_VCPU_CNTV_CTL, 1);
    assert_int_equal(state_of(TIMER), 0); /* its VMM's affair */
    bind_timer(VCPU, (struct gic_virq){.intid = TIMER, .priority = 8}, false);
    assert_int_equal(state_of(TIMER), PENDING);
    vcpu_write_register(VCPU, ABI_VCPU_CNTV_CVAL, 901);
    assert_int_equal(state_of(TIMER), 0);
    vcpu_write_register(VCPU, ABI_VCPU_CNTV_CVAL, 900);
    vcpu_write_register(VCPU, ABI_VCPU_CNTV_CTL, 3); /* masked */
    assert_int_equal(state_of(TIMER), 0);
}

#define MORE(slot) (SPI + (slot)), (31 - (slot)), ABI_INJECT_MORE, (slot)

/* As many as there are priorities, with fewer list registers: each is shown, the most important is
 * ended first, and its VMM is told of each. */
static void nested(void **state)
{
    for (unsigned int evicts = 0; evicts < 2; evicts++) {
        setup(state);
        for (unsigned int i = 0; i < 32; i++) {
            inject(MORE(i));
            leave(evicts != 0);
            assert_int_equal(guest_takes(), SPI + i);
        }
        for (unsigned int i = 32; i-- > 0;) {
            assert_int_equal(state_of(SPI + i), ACTIVE);
            assert_int_equal(VCPU->due & 1UL << i, 0);
            guest_ends(SPI + i);
            leave(evicts != 0);
            switch_to(CPU, &VCPU->thread);
            while (gic_model_interrupts()) {
                interrupt_handle(CPU);
            }
            switch_to(CPU, NULL);
            assert_int_equal(state_of(SPI + i), 0);
            assert_int_equal(VCPU->due & 1UL << i, 1UL << i);
        }
        assert_int_equal(VCPU->used_slots, 0);
    }
}

/* One that comes while all list registers have active ones goes to the guest next. */
static void comes_while_all_are_active(void **state)
{
    (void)state;
    for (unsigned int i = 8; i < 12; i++) {
        inject(MORE(i));
        assert_int_equal(guest_takes(), SPI + i);
    }
    bind_irq(VCPU, route_irq(0), (struct gic_virq){.intid = BOUND, .priority = 2}, true);
    inject(SPI + 1, 25, 0, 1); /* of lower priority than the last */
    gic_model_raise(BOUND);
    interrupt_handle(CPU);
    assert_int_equal(guest_takes(), BOUND);
    assert_int_equal(state_of(BOUND), ACTIVE);
    guest_ends(BOUND);
    assert_int_equal(state_of(BOUND), 0);
    assert_false(gic_model.active[BOUND]);
    for (unsigned int i = 12; i-- > 8;) {
        assert_int_equal(guest_takes(), MODEL_NONE);
        guest_ends(SPI + i);
    }
    assert_int_equal(guest_takes(), SPI + 1);
}

static bool clear(uint64_t intid, uint64_t what)
{
    assert_int_equal(call(ABI_SYS_VCPU_CLEAR_IRQ, intid, what, 0, 0), ABI_OK);
    return VMM->thread.frame.x[1] != 0;
}

static void made_inactive(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 6; i++) {
        assert_false(clear(SPI + i, ACTIVE));
        inject(MORE(i));
        assert_false(clear(SPI + i, ACTIVE)); /* it is pending */
        assert_int_equal(guest_takes(), SPI + i);
    }
    for (unsigned int i = 0; i < 6; i++) {
        assert_true(clear(SPI + i, ACTIVE));
        assert_false(clear(SPI + i, ACTIVE));
        assert_int_equal(state_of(SPI + i), 0);
    }
    assert_int_equal(VCPU->due, 0);
    inject(SPI + 7, 31, ABI_INJECT_MORE, 0);
    assert_int_equal(state_of(SPI + 7), PENDING);
    assert_int_equal(guest_takes(), MODEL_NONE); /* the priorities are still active */
    while (gic_model.running != 0) {
        switch_to(CPU, &VCPU->thread);
        (void)gic_model_guest_end();
        switch_to(CPU, NULL);
    }
    assert_int_equal(guest_takes(), SPI + 7);
}

static void bound_made_inactive(void **state)
{
    (void)state;
    bind(true);
    gic_model_raise(BOUND);
    interrupt_handle(CPU);
    assert_false(clear(BOUND, ACTIVE));
    assert_int_equal(guest_takes(), BOUND);
    gic_model_raise(BOUND);
    assert_true(clear(BOUND, ACTIVE));
    assert_false(gic_model.active[BOUND]);
    interrupt_handle(CPU);
    assert_int_equal(state_of(BOUND), PENDING);
    gic_model_raise(BOUND); /* offered, and latched once more */
    assert_true(clear(BOUND, PENDING));
    assert_int_equal(state_of(BOUND), 0);
    assert_false(clear(BOUND, PENDING));
    assert_false(gic_model.active[BOUND]);
    bind(false);
    gic_model_raise(BOUND);
    assert_false(clear(BOUND, PENDING)); /* at the GIC alone */
    assert_int_equal(state_of(BOUND), 0);
}

static void bound_timer_made_inactive(void **state)
{
    (void)state;
    bind_timer(VCPU, (struct gic_virq){.intid = TIMER, .priority = 8}, true);
    switch_to(CPU, &VCPU->thread);
    gic_model_raise(TIMER);
    interrupt_handle(CPU);
    assert_int_equal(gic_model_guest_acknowledge(), TIMER);
    switch_to(CPU, NULL);
    assert_int_equal(state_of(TIMER), ACTIVE);
    assert_true(clear(TIMER, ACTIVE));
    assert_int_equal(state_of(TIMER), 0);
    switch_to(CPU, &VCPU->thread);
    assert_false(gic_model.active[TIMER]);
    gic_model_raise(TIMER);
    interrupt_handle(CPU);
    switch_to(CPU, NULL);
    assert_int_equal(state_of(TIMER), PENDING);
    assert_true(clear(TIMER, PENDING));
    assert_int_equal(state_of(TIMER), 0);
}

static void sender(void **state)
{
    (void)state;
    for (uint64_t source = 0; source < 8; source++) {
        inject(5, 10, source << ABI_INJECT_SOURCE_SHIFT, 0);
        switch_evict(VCPU);
        assert_int_equal(VCPU->gic.list[0] & 0x1fff, ops == &gicv2_ops ? source << 10 | 5 : 5);
        assert_true(withdraw(0));
    }
}

static void refused(void **state)
{
    uint64_t *x = VMM->thread.frame.x;

    (void)state;
    assert_int_equal(call(ABI_SYS_VCPU_IRQ_STATE, GIC_VIRTUAL_INTIDS, 0, 0, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_WITHDRAW_IRQ, ABI_VCPU_SLOTS, 0, 0, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_CLEAR_IRQ, GIC_VIRTUAL_INTIDS, ACTIVE, 0, 0),
                     ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_CLEAR_IRQ, SPI, 0, 0, 0), ABI_INVALID_ARGUMENT);
    assert_int_equal(call(ABI_SYS_VCPU_CLEAR_IRQ, SPI, PENDING | ACTIVE, 0, 0),
                     ABI_INVALID_ARGUMENT);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, 0, ABI_LIST_REGISTERS), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, ABI_INJECT_MORE, ABI_VCPU_SLOTS),
                     ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, ABI_INJECT_MORE << 1, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, 0x800, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, 2, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, 1UL << 63, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 16, 0, 0x100, 0), ABI_RANGE_ERROR);
    for (uint64_t number = ABI_SYS_VCPU_IRQ_STATE; number <= ABI_SYS_VCPU_CLEAR_IRQ; number++) {
        x[0] = CAP + 1;
        x[1] = 0;
        x[7] = number;
        syscall_handle(VMM);
        assert_int_equal(x[0], ABI_INVALID_CAPABILITY);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(injected),
        TEST(waiting),
        TEST(bound),
        TEST(timer),
        TEST(nested),
        TEST(comes_while_all_are_active),
        TEST(made_inactive),
        TEST(bound_made_inactive),
        TEST(bound_timer_made_inactive),
        TEST(sender),
        TEST(refused),
    };

    int failed;

    ops = &gicv2_ops;
    failed = cmocka_run_group_tests_name("GICv2", tests, NULL, NULL);
    ops = &gicv3_ops;
    return failed + cmocka_run_group_tests_name("GICv3", tests, NULL, NULL);
}
