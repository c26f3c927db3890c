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

/* The same with LPIs, which the guest has under the same numbers: message n is interrupt n. */
static bool are_messages;
static bool sent[MODEL_INTIDS], opened[MODEL_INTIDS];
static struct gic_ops message_ops;

static uint32_t find_message(void)
{
    uint32_t intid = 0;

    while (intid < MODEL_INTIDS && !(sent[intid] && opened[intid])) {
        intid++;
    }
    return intid;
}

static bool interrupts(void)
{
    return gic_model_interrupts() || (are_messages && find_message() < MODEL_INTIDS);
}

static uint32_t acknowledge(void)
{
    uint32_t intid = find_message();

    if (intid == MODEL_INTIDS) {
        return gicv3_ops.acknowledge();
    }
    host.lists_are_stale = false;
    sent[intid] = false;
    return ABI_FIRST_LPI + intid;
}

static void set_enabled(uint32_t intid, bool is_enabled)
{
    if (intid < ABI_FIRST_LPI) {
        gicv3_ops.set_enabled(intid, is_enabled);
    } else {
        opened[intid - ABI_FIRST_LPI] = is_enabled;
    }
}

static void enable(uint32_t intid, bool edge)
{
    if (intid < ABI_FIRST_LPI) {
        gicv3_ops.enable(intid, edge);
    } else {
        opened[intid - ABI_FIRST_LPI] = true;
    }
}

static void set_target(uint32_t intid, unsigned int cpu)
{
    (void)intid;
    (void)cpu;
}

static void set_pending(uint32_t intid)
{
    if (intid < ABI_FIRST_LPI) {
        gicv3_ops.set_pending(intid);
    } else {
        sent[intid - ABI_FIRST_LPI] = true;
    }
}

static void clear_pending(uint32_t intid)
{
    if (intid < ABI_FIRST_LPI) {
        gicv3_ops.clear_pending(intid);
    } else {
        sent[intid - ABI_FIRST_LPI] = false;
    }
}

static void use_messages(void)
{
    message_ops = gicv3_ops;
    message_ops.acknowledge = acknowledge;
    message_ops.set_enabled = set_enabled;
    message_ops.enable = enable;
    message_ops.set_target = set_target;
    message_ops.set_pending = set_pending;
    message_ops.clear_pending = clear_pending;
    ops = &message_ops;
    are_messages = true;
}

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
    memset(sent, 0, sizeof(sent));
    memset(opened, 0, sizeof(opened));
    memset(slot_is_used, 0, sizeof(slot_is_used));
    gic_model_begin(ops);
    gic->enable(MODEL_MAINTENANCE, false);
    gic->enable(TIMER, false);
    for (unsigned int i = 0; i < COUNT; i++) {
        irqs[i] = (struct image_irq){.intid = (are_messages ? ABI_FIRST_LPI + FIRST : FIRST) + i,
                                     .pd = 1,
                                     .channel = (uint8_t)i};
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
    while (interrupts()) {
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
    if (are_messages && intid != TIMER) {
        sent[intid] = true;
    } else {
        gic_model_raise(intid);
    }
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
        owed[intid] = gic_model.pending[intid] || sent[intid]; /* fired again meanwhile */
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
        while (interrupts()) {
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

/* Edges of SPIs come to no other CPU before that, and guests rely on it. */
static void a_message_stays_until_it_is_ended(void **state)
{
    static const struct image_vcpu desc = {.pd = 1, .id = 1, .priority = 9};
    struct gic_virq virq = {.intid = FIRST, .priority = priorities[FIRST], .group = 1};
    struct vcpu *other = &vcpus[1];
    struct binding *binding;

    setup(state);
    vcpu_init(1, &desc, 0);
    binding = &route_irq(0)->binding;
    raise(FIRST);
    take_interrupts();
    assert_int_equal(gic_model_guest_acknowledge(), FIRST);
    switch_to(CPU, NULL);
    bind_irq(other, route_irq(0), virq, true);
    switch_to(CPU, &VCPU->thread);
    raise(FIRST);
    take_interrupts();
    assert_int_equal(list_state(other, &binding->virq), 0);
    assert_int_equal(gic_model_guest_acknowledge(), MODEL_NONE);
    assert_int_equal(gic_model_guest_end(), FIRST);
    assert_int_equal(gic_model_guest_acknowledge(), FIRST); /* where it was */
    assert_int_equal(gic_model_guest_end(), FIRST);
    raise(FIRST);
    take_interrupts();
    assert_int_equal(gic_model_guest_acknowledge(), MODEL_NONE);
    assert_int_equal(list_state(other, &binding->virq), ABI_IRQ_PENDING);
    assert_ptr_equal(binding->vcpu, other);
    assert_null(binding->next);
    /* One that was not taken goes along at once. */
    bind(FIRST);
    assert_int_equal(gic_model_guest_acknowledge(), FIRST);
    switch_to(CPU, NULL);
    bind_irq(other, route_irq(0), virq, true);
    bind_reset(other); /* which it was meant for: it is the PD's */
    assert_null(binding->vcpu);
    assert_null(binding->next);
}

/* What comes while the guest has it is pending once more, and can be disabled by itself. */
static void a_message_comes_once_more(void **state)
{
    setup(state);
    raise(FIRST);
    take_interrupts();
    assert_int_equal(gic_model_guest_acknowledge(), FIRST);
    raise(FIRST);
    take_interrupts();
    assert_int_equal(list_state(VCPU, &route_irq(0)->binding.virq),
                     ABI_IRQ_PENDING | ABI_IRQ_ACTIVE);
    enabled[FIRST] = false;
    bind(FIRST);
    assert_true(gic_model_guest_is_active(FIRST));
    assert_int_equal(gic_model_guest_end(), FIRST);
    assert_int_equal(gic_model_guest_acknowledge(), MODEL_NONE);
    enabled[FIRST] = true;
    bind(FIRST);
    assert_int_equal(gic_model_guest_acknowledge(), FIRST);
    assert_int_equal(gic_model_guest_end(), FIRST);
    assert_int_equal(gic_model_guest_acknowledge(), MODEL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_and_the_most_important_comes_first),
        cmocka_unit_test(reset_leaves_nothing_in_the_gic),
        cmocka_unit_test(an_unacked_interrupt_goes_along),
    };

    const struct CMUnitTest messages[] = {tests[0], tests[1],
                                          cmocka_unit_test(a_message_comes_once_more),
                                          cmocka_unit_test(a_message_stays_until_it_is_ended)};
    int failed;

    ops = &gicv2_ops;
    failed = cmocka_run_group_tests_name("GICv2", tests, NULL, NULL);
    ops = &gicv3_ops;
    failed += cmocka_run_group_tests_name("GICv3", tests, NULL, NULL);
    use_messages();
    return failed + cmocka_run_group_tests_name("LPIs", messages, NULL, NULL);
}
