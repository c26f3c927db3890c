/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where virtual interrupts of a vCPU come from, and the two interrupts that the hardware raises
 * about them. A VMM names list registers by index, which are slots here: which hardware list
 * register a slot has is list.c's. It keeps its own overflow queue (contract.md, section 6).
 */
#include <stddef.h>

#include "abi/syscall.h"
#include "kernel/ipc/fault.h"
#include "kernel/sched/sched.h"
#include "kernel/vcpu/sgi.h"

/* A function of its own, so that its caller does not save registers for it. */
#define APART __attribute__((noinline))

void inject_wake(struct vcpu *vcpu)
{
    if (vcpu->thread.state == THREAD_IDLE) {
        timer_stop(&vcpu->thread.wake);
        sched_add(&vcpu->thread);
    }
}

/* What the guest has is known from here on. */
static void look(struct vcpu *vcpu)
{
    switch_evict_remote(vcpu);
    list_take_unlisted(vcpu);
}

static void wake_if_signalled(struct vcpu *vcpu)
{
    if (vcpu->thread.state == THREAD_IDLE && list_is_signalling(vcpu)) {
        inject_wake(vcpu);
    }
}

/* It is bound: it becomes pending where that is. */
static bool pend_elsewhere(struct vcpu *vcpu, struct gic_virq virq)
{
    if (sgi_is_bound(vcpu, virq.intid)) {
        (void)sgi_change(vcpu, virq.intid, 0, (uint8_t)(1U << virq.source));
        return true;
    }
    return bind_pend(vcpu, virq.intid);
}

/* Pending is one bit for each number: a second injection of one that the guest has not taken is the
 * same, and of one that is bound the GIC keeps it. The slot is free at once. One that the guest has
 * taken comes again when it has ended that. */
APART static void inject_among_others(struct vcpu *vcpu, struct gic_virq virq, unsigned int index)
{
    struct virq *slot = &vcpu->slots[index];
    struct virq *twin;

    look(vcpu);
    twin = list_find_slot(vcpu, virq.intid, slot);
    if (pend_elsewhere(vcpu, virq) || (twin != NULL && !list_is_taken(vcpu, twin))) {
        (void)list_withdraw(vcpu, slot);
        vcpu->due |= 1UL << index;
        inject_wake(vcpu); /* before its guest goes on its VMM is told */
    } else if (twin != NULL) {
        list_queue(vcpu, slot, virq);
    } else {
        list_renew(vcpu, slot, virq);
        wake_if_signalled(vcpu);
    }
}

/* Usually nothing is there that it could meet. */
void inject_irq(struct vcpu *vcpu, struct gic_virq virq, unsigned int index)
{
    if (list_is_bare(vcpu) && cpu_local()->vcpu == vcpu) {
        list_give_first(vcpu, index, virq);
        wake_if_signalled(vcpu);
    } else {
        inject_among_others(vcpu, virq, index);
    }
}

bool inject_withdraw(struct vcpu *vcpu, unsigned int index)
{
    look(vcpu);
    return list_withdraw(vcpu, &vcpu->slots[index]);
}

uint64_t inject_state(struct vcpu *vcpu, uint32_t intid)
{
    uint64_t state;

    look(vcpu);
    if (sgi_is_bound(vcpu, intid)) {
        return sgi_state(vcpu, intid);
    }
    state = bind_state(vcpu, intid);
    for (uint64_t used = vcpu->used_slots; used != 0; used &= used - 1) {
        const struct virq *slot = &vcpu->slots[__builtin_ctzl(used)];

        state |= slot->intid == intid ? list_state(vcpu, slot) : 0;
    }
    return state;
}

/* Of two slots' one number, one waits for the other's end. */
static struct virq *find_taken(struct vcpu *vcpu, uint32_t intid)
{
    struct virq *slot = list_find_slot(vcpu, intid, NULL);

    if (slot != NULL && !list_is_taken(vcpu, slot)) {
        slot = list_find_slot(vcpu, intid, slot);
    }
    return slot != NULL && list_is_taken(vcpu, slot) ? slot : NULL;
}

bool inject_deactivate(struct vcpu *vcpu, uint32_t intid)
{
    struct virq *slot;

    switch_evict(vcpu); /* EOIs are counted from here on */
    if (sgi_is_bound(vcpu, intid)) {
        return sgi_deactivate(vcpu, intid);
    }
    if (bind_deactivate(vcpu, intid)) {
        return true;
    }
    slot = find_taken(vcpu, intid);
    if (slot == NULL) {
        return false;
    }
    list_drop(vcpu, slot);
    wake_if_signalled(vcpu);
    return true;
}

void inject_bound(struct binding *binding)
{
    if (binding->next != NULL && bind_is_kept(binding)) {
        list_offer(binding->vcpu, &binding->virq);
        return;
    }
    if (binding->open == NULL) {
        binding->is_held = true;
        return;
    }
    list_take_unlisted(binding->open);
    list_offer(binding->open, &binding->virq);
    wake_if_signalled(binding->open);
}

uint8_t inject_change_sgi(struct vcpu *vcpu, uint32_t intid, uint8_t clear, uint8_t set)
{
    look(vcpu);
    return sgi_change(vcpu, intid, clear, set);
}

bool inject_clear(struct vcpu *vcpu, uint32_t intid)
{
    if (sgi_is_bound(vcpu, intid)) {
        bool was_pending = (inject_state(vcpu, intid) & ABI_IRQ_PENDING) != 0;

        (void)sgi_change(vcpu, intid, UINT8_MAX, 0);
        return was_pending;
    }
    return bind_clear(vcpu, intid);
}

unsigned int inject_take_ended(struct vcpu *vcpu)
{
    unsigned int index = (unsigned int)__builtin_ctzl(vcpu->due);

    vcpu->due &= vcpu->due - 1;
    return index;
}

bool inject_report_ended(struct vcpu *vcpu)
{
    if ((vcpu->due & VCPU_DUE_ENDED) == 0) {
        return false;
    }
    fault_one_word(&vcpu->thread, ABI_FAULT_VGIC_MAINTENANCE, inject_take_ended(vcpu));
    return true;
}

/* The exit path reports them, one fault after the other, before the guest runs again. */
void inject_maintenance(struct cpu *cpu)
{
    uint32_t ended = gic->take_ended();
    struct vcpu *vcpu = cpu->vcpu;
    uint32_t sgis = 0;

    if (vcpu == NULL) {
        return;
    }
    for (; ended != 0; ended &= ended - 1) {
        unsigned int index = (unsigned int)__builtin_ctz(ended);

        sgis |= list_end(vcpu, index) ? 0 : 1U << vcpu->owners[index]->intid;
    }
    for (; sgis != 0; sgis &= sgis - 1) { /* these get a list register again, of those */
        sgi_end(vcpu, &vcpu->sgis[__builtin_ctz(sgis)].virq);
    }
    if (!list_is_bare(vcpu)) {
        list_take_unlisted(vcpu);
        list_refill(vcpu);
    }
    if (vcpu->due != 0) {
        inject_wake(vcpu); /* it sleeps since its EOI */
    }
}

void inject_timer(struct cpu *cpu)
{
    struct vcpu *vcpu = cpu->vcpu;

    if (vcpu == NULL || cpu->current != &vcpu->thread) {
        /* It fired while the guest was leaving; its level is down, and it fires again later. */
        gic->deactivate(gic_intids.virtual_timer);
        return;
    }
    vcpu->timer_active = true;
    if (vcpu->timer.vcpu != NULL) {
        inject_bound(&vcpu->timer);
        return;
    }
    fault_one_word(&vcpu->thread, ABI_FAULT_VPPI_EVENT, gic_intids.virtual_timer);
}

void inject_ack_timer(struct vcpu *vcpu)
{
    if (!vcpu->timer_active || vcpu->timer.vcpu != NULL) {
        return;
    }
    switch_evict_remote(vcpu);
    vcpu->timer_active = false;
    if (cpus[vcpu->thread.cpu].vcpu == vcpu) {
        gic->deactivate(gic_intids.virtual_timer);
    }
    inject_wake(vcpu); /* its timer may be due again */
}
