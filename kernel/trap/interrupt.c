/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts: the kernel's own three PPIs, and those that belong to a PD, which stay
 * active until the PD acks them. Anything else was never enabled: it is dropped.
 */
#include <stddef.h>

#include "kernel/dev/gic.h"
#include "kernel/ipc/notify.h"
#include "kernel/irq/route.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

static void hyp_timer(struct cpu *cpu)
{
    uint64_t now = arch_counter();
    struct timer *timer;

    timer_disarm(&cpu->timers);
    while ((timer = timer_take_expired(&cpu->timers, now)) != NULL) {
        sched_add(list_entry(timer, struct thread, wake)); /* its virtual timer, or budget again */
    }
    sched_tick(cpu, now);
}

static void dispatch(struct cpu *cpu, uint32_t intid)
{
    struct irq *irq = route_lookup(intid);

    if (intid == GIC_IPI) {
        return; /* ended by acknowledge(); the exit path does the rest */
    }
    gic->drop(intid);
    if (irq != NULL && irq->binding.vcpu != NULL) {
        inject_bound(&irq->binding);
        return;
    }
    if (irq != NULL) {
        irq->active = true;
        notify_signal(&pds[irq->desc->pd], 1UL << irq->desc->channel);
        return;
    }
    if (intid == gic_intids.virtual_timer) {
        inject_timer(cpu); /* deactivated when the VMM acks it, or the guest ends it */
        return;
    }
    if (intid == gic_intids.maintenance) {
        inject_maintenance(cpu);
    } else if (intid == gic_intids.hyp_timer) {
        hyp_timer(cpu);
    }
    gic->deactivate(intid);
}

/* How the interrupt goes to the guest that runs, if it does so directly. */
static struct binding *binding_of(struct vcpu *vcpu, uint32_t intid)
{
    struct irq *irq;

    if (intid == gic_intids.virtual_timer) {
        return &vcpu->timer;
    }
    irq = route_lookup(intid);
    return irq != NULL ? &irq->binding : NULL;
}

/* For the running guest, with nobody before it: into a list register, and back. */
static bool inject_at_once(struct vcpu *vcpu, uint32_t intid)
{
    struct binding *binding = binding_of(vcpu, intid);
    int index;

    if (binding == NULL || binding->open != vcpu || !list_is_empty(&vcpu->waiting)) {
        return false;
    }
    index = gic->drop_to_list(intid, binding->virq.value);
    if (index < 0) {
        return false;
    }
    vcpu->owners[index] = &binding->virq;
    return true;
}

struct thread *trap_fast_interrupt(struct thread *current)
{
    struct cpu *cpu = cpu_local();
    struct vcpu *vcpu = cpu->vcpu;
    uint32_t intid;

    if (current != (struct thread *)vcpu || (cpu->has_peers && !smp_try_enter())) {
        return NULL;
    }
    intid = gic->acknowledge();
    if (!inject_at_once(vcpu, intid)) {
        cpu->acknowledged = intid;
        current = NULL;
    }
    if (cpu->has_peers) {
        smp_leave_quickly();
    }
    return current;
}

void interrupt_handle(struct cpu *cpu)
{
    uint32_t intid = cpu->acknowledged;

    cpu->acknowledged = GIC_SPURIOUS;
    if (intid < GIC_SPURIOUS) {
        dispatch(cpu, intid);
    }
    while ((intid = gic->acknowledge()) < GIC_SPURIOUS) {
        dispatch(cpu, intid);
    }
}
