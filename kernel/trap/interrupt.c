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
#include "kernel/trap/trap.h"
#include "kernel/vcpu/sgi.h"

static void hyp_timer(struct cpu *cpu)
{
    uint64_t now = arch_counter();
    struct timer *timer;

    timer_disarm(&cpu->timers);
    while ((timer = timer_take_expired(&cpu->timers, now)) != NULL) {
        sched_add(list_entry(timer, struct thread, wake)); /* its virtual timer, or budget again */
    }
}

static void dispatch(struct cpu *cpu, uint32_t intid)
{
    struct irq *irq = route_lookup(intid);

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

/* Whether whom it concerns is on this core, and no message has to be sent. */
static bool is_local(const struct cpu *cpu, uint32_t intid)
{
    const struct irq *irq = route_lookup(intid);
    const struct vcpu *vcpu = cpu->vcpu;
    const struct pd *pd;

    if (irq == NULL) {
        return intid != gic_intids.virtual_timer || vcpu == NULL || vcpu->timer.vcpu != NULL;
    }
    if (irq->binding.vcpu != NULL) {
        return irq->binding.vcpu->thread.cpu == cpu->index && irq->binding.next == NULL;
    }
    pd = pd_at(irq->desc->pd);
    return pd->thread.cpu == cpu->index && pd->desc->cpu == cpu->index;
}

void interrupt_defer(struct cpu *cpu, uint32_t intid)
{
    const struct irq *irq = route_lookup(intid);

    if (intid < GIC_CORE_SGIS || intid >= ABI_FIRST_LPI) {
        cpu->acknowledged = intid;
        return;
    }
    if (irq != NULL && irq->desc->edge != 0) {
        gic->set_pending(intid);
    }
    gic->drop(intid);
    gic->deactivate(intid);
}

static uint32_t acknowledge(struct cpu *cpu)
{
    uint32_t intid = cpu->acknowledged;

    cpu->acknowledged = GIC_SPURIOUS;
    return gic_is_interrupt(intid) ? intid : gic->acknowledge();
}

/* Nothing is active at the GIC and known to nobody while the core waits for the lock. */
void interrupt_handle(struct cpu *cpu)
{
    uint32_t intid;

    while (gic_is_interrupt(intid = acknowledge(cpu))) {
        if (intid == GIC_IPI) {
            route_finish_acks(cpu->index); /* ended by acknowledge(); the exit path does the rest */
        } else if (intid == GIC_POST) {
            sgi_receive(cpu); /* ended likewise */
        } else if (cpu->has_all || is_local(cpu, intid)) {
            dispatch(cpu, intid);
        } else {
            interrupt_defer(cpu, intid);
            switch_take_all(cpu);
        }
    }
}
