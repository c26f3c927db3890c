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
    gic_model_guest_end(intid);
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
    assert_int_equal(call(ABI_SYS_VCPU_WITHDRAW_IRQ, ABI_LIST_REGISTERS, 0, 0, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, 0x800, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, 2, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 5, 0, 1UL << 63, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, 16, 0, 0x100, 0), ABI_RANGE_ERROR);
    for (uint64_t number = ABI_SYS_VCPU_IRQ_STATE; number <= ABI_SYS_VCPU_WITHDRAW_IRQ; number++) {
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
    const struct CMUnitTest tests[] = {TEST(injected), TEST(waiting), TEST(bound),
                                       TEST(timer),    TEST(sender),  TEST(refused)};

    int failed;

    ops = &gicv2_ops;
    failed = cmocka_run_group_tests_name("GICv2", tests, NULL, NULL);
    ops = &gicv3_ops;
    return failed + cmocka_run_group_tests_name("GICv3", tests, NULL, NULL);
}
