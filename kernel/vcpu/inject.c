/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual interrupts of a vCPU: its list registers, on the core or saved, and the two interrupts
 * that the hardware raises about them. A VMM names list registers by index and keeps its own
 * overflow queue (contract.md, section 6).
 */
#include <stddef.h>

#include "kernel/ipc/fault.h"
#include "kernel/sched/sched.h"
#include "kernel/vcpu/vcpu.h"

static bool is_resident(const struct vcpu *vcpu)
{
    return cpus[vcpu->thread.cpu].vcpu == vcpu;
}

void inject_irq(struct vcpu *vcpu, struct gic_virq virq, unsigned int index)
{
    uint64_t value = gic->list_encode(virq);

    switch_evict_remote(vcpu);
    if (is_resident(vcpu)) {
        gic->list_write(index, value);
    } else {
        vcpu->gic.list[index] = value;
    }
    if (vcpu->thread.state == THREAD_IDLE) {
        timer_stop(&vcpu->thread.wake);
        sched_add(&vcpu->thread);
    }
}

bool inject_is_pending(const struct vcpu *vcpu)
{
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        if (gic->list_is_pending(is_resident(vcpu) ? gic->list_read(i) : vcpu->gic.list[i])) {
            return true;
        }
    }
    return false;
}

bool inject_report_ended(struct vcpu *vcpu)
{
    unsigned int index;

    if (vcpu->ended == 0) {
        return false;
    }
    index = (unsigned int)__builtin_ctz(vcpu->ended);
    vcpu->ended &= ~(1U << index);
    fault_one_word(&vcpu->thread, ABI_FAULT_VGIC_MAINTENANCE, index);
    return true;
}

/* The exit path reports them, one fault after the other, before the guest runs again. */
void inject_maintenance(struct cpu *cpu)
{
    uint32_t ended = gic->take_ended();

    if (cpu->vcpu != NULL) {
        cpu->vcpu->ended |= ended;
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
    fault_one_word(&vcpu->thread, ABI_FAULT_VPPI_EVENT, gic_intids.virtual_timer);
}

void inject_ack_timer(struct vcpu *vcpu)
{
    if (!vcpu->timer_active) {
        return;
    }
    switch_evict_remote(vcpu);
    vcpu->timer_active = false;
    if (is_resident(vcpu)) {
        gic->deactivate(gic_intids.virtual_timer);
    }
}
