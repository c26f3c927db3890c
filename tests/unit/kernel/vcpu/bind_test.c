/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts bound to a vCPU, against a model of the GIC: more of them than list registers, with
 * different priorities, enabled and disabled by a guest that takes and ends them as it likes, while
 * its vCPU loses its core now and then and its VMM injects others. None is lost, none comes twice,
 * and the most important comes first.
 */
#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/gic_model.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/irq/route.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/trap.h"

#define CPU   (&cpus[0])
#define VMM   (&pds[1])
#define VCPU  (&vcpus[0])
#define FIRST 40 /* INTIDs of the bound interrupts */
#define COUNT 7
#define TIMER 27
#define OTHER 100 /* what the VMM injects through slot i: OTHER + i */
#define STEPS 3000

static struct image_irq irqs[COUNT];
static bool enabled[MODEL_INTIDS];
static bool owed[MODEL_INTIDS]; /* it fired, and the guest has not taken it */
static uint8_t priorities[MODEL_INTIDS];
static bool slot_is_used[ABI_LIST_REGISTERS];
static uint32_t random_state;
static const struct gic_ops *ops;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (random_state >> 8) % limit;
}

static void bind(uint32_t intid)
{
    struct gic_virq virq = {.intid = intid, .priority = priorities[intid], .group = 1};
    bool was_running = CPU->current == &VCPU->thread;

    if (was_running) {
        switch_to(CPU, NULL); /* its VMM runs */
    }
    if (intid == TIMER) {
        bind_timer(VCPU, virq, enabled[intid]);
    } else {
        bind_irq(VCPU, route_irq(intid - FIRST), virq, enabled[intid]);
    }
    if (was_running) {
        switch_to(CPU, &VCPU->thread);
    }
}

static int setup(void **state)
{
    system_setup(state);
    memset(owed, 0, sizeof(owed));
    memset(slot_is_used, 0, sizeof(slot_is_used));
    gic_model_begin(ops);
    gic->enable(MODEL_MAINTENANCE, false);
    gic->enable(TIMER, false);
    for (unsigned int i = 0; i < COUNT; i++) {
        irqs[i] =
            (struct image_irq){.intid = (uint16_t)(FIRST + i), .pd = 1, .channel = (uint8_t)i};
        priorities[FIRST + i] = (uint8_t)(4 + i * 3);
        enabled[FIRST + i] = true;
    }
    priorities[TIMER] = 10;
    enabled[TIMER] = true;
    for (unsigned int i = 0; i < ABI_LIST_REGISTERS; i++) {
        priorities[OTHER + i] = (uint8_t)(8 + i);
        enabled[OTHER + i] = true;
    }
    system_give_irqs(irqs, COUNT);
    route_enable(0);
    sched_remove(&pds[0].thread, THREAD_STOPPED);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    endpoint_receive(VMM);
    endpoint_resume(&VCPU->thread);
    switch_to(CPU, sched_choose(CPU));
    for (uint32_t intid = FIRST; intid < FIRST + COUNT; intid++) {
        bind(intid);
    }
    bind(TIMER);
    return 0;
}

/* Every interrupt of the core, and the maintenance faults that follow, as the VMM answers them. */
static void take_interrupts(void)
{
    while (gic_model_interrupts()) {
        struct thread *current = CPU->current;
        struct thread *next = trap_fast_interrupt(current);

        next = next == NULL ? trap_interrupt(current) : next;
        while (next == &VMM->thread) {
            assert_int_equal(ABI_MSGINFO_LABEL(VMM->thread.frame.x[1]), ABI_FAULT_VGIC_MAINTENANCE);
            assert_true(slot_is_used[VMM->ipc_buffer[0]]);
            slot_is_used[VMM->ipc_buffer[0]] = false;
            endpoint_reply(VMM, 0);
            endpoint_receive(VMM);
            next = trap_exit(CPU);
        }
        assert_ptr_equal(next, &VCPU->thread);
    }
}

static void raise(uint32_t intid)
{
    gic_model_raise(intid);
    owed[intid] = true;
}

static void inject_other(void)
{
    unsigned int slot = random_below(ABI_LIST_REGISTERS);
    struct gic_virq virq = {
        .intid = OTHER + slot, .priority = priorities[OTHER + slot], .group = 1};

    if (!slot_is_used[slot]) {
        slot_is_used[slot] = true;
        owed[OTHER + slot] = true;
        inject_irq(VCPU, virq, slot);
    }
}

/* Nothing more important waits, as far as the kernel could know. */
static void check_order(uint32_t taken)
{
    for (uint32_t intid = 0; intid < MODEL_INTIDS; intid++) {
        bool is_known = !gic_model.is_lazy || gic_model.active[intid] || intid >= OTHER;

        if (owed[intid] && enabled[intid] && is_known && !gic_model_guest_is_active(intid)) {
            assert_true(priorities[taken] <= priorities[intid]);
        }
    }
}

static void guest_takes(void)
{
    uint32_t intid = gic_model_guest_acknowledge();

    if (intid != MODEL_NONE) {
        assert_true(owed[intid]);
        check_order(intid);
        owed[intid] = gic_model.pending[intid]; /* fired again meanwhile */
    }
}

static void lose_the_core(void)
{
    bool timer_is_due = gic_model.pending[TIMER];

    gic_model_lower(TIMER); /* its line is down while its guest does not run */
    switch_to(CPU, NULL);
    switch_evict(VCPU);
    memset(gic_model.lists, 0, sizeof(gic_model.lists));
    if (random_below(2) == 0) {
        raise(FIRST + random_below(COUNT)); /* comes while nobody runs */
        while (gic_model_interrupts()) {
            interrupt_handle(CPU);
        }
    }
    switch_to(CPU, &VCPU->thread);
    if (timer_is_due) {
        gic_model_raise(TIMER);
    }
}

static void step(void)
{
    switch (random_below(8)) {
    case 0:
    case 1:
        raise(FIRST + random_below(COUNT));
        break;
    case 2:
        raise(TIMER);
        break;
    case 3:
        inject_other();
        break;
    case 4:
        guest_takes();
        break;
    case 5:
        (void)gic_model_guest_end();
        break;
    case 6:
        lose_the_core();
        break;
    default: {
        uint32_t intid = random_below(4) == 0 ? TIMER : FIRST + random_below(COUNT);

        enabled[intid] = !enabled[intid];
        bind(intid);
        break;
    }
    }
    take_interrupts();
}

static void nothing_is_lost_and_the_most_important_comes_first(void **state)
{
    for (uint32_t seed = 1; seed <= 80; seed++) {
        random_state = seed;
        setup(state);
        gic_model.is_lazy = seed % 2 == 0 && ops == &gicv2_ops;
        for (unsigned int i = 0; i < STEPS; i++) {
            step();
        }
        for (uint32_t intid = 0; intid < MODEL_INTIDS; intid++) {
            if (intid == TIMER || (intid >= FIRST && intid < FIRST + COUNT)) {
                enabled[intid] = true;
                bind(intid);
            }
        }
        for (unsigned int i = 0; i < 200; i++) {
            take_interrupts();
            guest_takes();
            (void)gic_model_guest_end();
        }
        for (uint32_t intid = 0; intid < MODEL_INTIDS; intid++) {
            assert_false(owed[intid]);
            assert_false(gic_model.active[intid]);
        }
    }
}

static void reset_leaves_nothing_in_the_gic(void **state)
{
    for (uint32_t seed = 1; seed <= 40; seed++) {
        random_state = seed;
        setup(state);
        for (unsigned int i = 0; i < 50; i++) {
            step();
        }
        switch_to(CPU, NULL);
        bind_reset(VCPU);
        switch_to(CPU, &VCPU->thread);
        for (unsigned int i = 0; i < MODEL_LISTS; i++) {
            assert_int_equal(gic_model.lists[i], 0);
        }
        for (uint32_t intid = 0; intid < MODEL_INTIDS; intid++) {
            assert_false(gic_model.active[intid]);
        }
        gic_model_lower(TIMER);
        raise(FIRST); /* it is the PD's again */
        interrupt_handle(CPU);
        assert_int_equal(VMM->thread.frame.x[0], 1);
    }
}

static void an_unacked_interrupt_goes_along(void **state)
{
    setup(state);
    switch_to(CPU, NULL);
    bind_reset(VCPU);
    raise(FIRST);
    interrupt_handle(CPU); /* notifies the VMM, which does not ack it */
    assert_true(route_irq(0)->active);
    switch_to(CPU, sched_choose(CPU));
    bind(FIRST);
    switch_to(CPU, &VCPU->thread);
    assert_int_equal(gic_model_guest_acknowledge(), FIRST);
    route_ack(route_irq(0)); /* no longer the VMM's */
    assert_true(gic_model.active[FIRST]);
    assert_int_equal(gic_model_guest_end(), FIRST);
    assert_false(gic_model.active[FIRST]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_and_the_most_important_comes_first),
        cmocka_unit_test(reset_leaves_nothing_in_the_gic),
        cmocka_unit_test(an_unacked_interrupt_goes_along),
    };

    int failed;

    ops = &gicv2_ops;
    failed = cmocka_run_group_tests_name("GICv2", tests, NULL, NULL);
    ops = &gicv3_ops;
    return failed + cmocka_run_group_tests_name("GICv3", tests, NULL, NULL);
}
