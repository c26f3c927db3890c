/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts bound to a vCPU (microkit_vcpu_arm_bind_irq): they go to its guest without its VMM.
 * The list register's HW bit makes the guest's EOI deactivate the physical interrupt, so there is
 * at most one entry to the kernel between two EOIs. What the guest disabled stays at the GIC: a SPI
 * is disabled there, the virtual timer's PPI while its vCPU is on the core.
 *
 * The VMM forwards what the guest writes to its distributor. That is rare: each change takes the
 * vCPU off its core first.
 */
#include <stddef.h>

#include "kernel/pd/pd.h"
#include "kernel/vcpu/vcpu.h"

/* What has fired and was held goes to the guest, or the other way round. */
static void set_open(struct vcpu *vcpu, struct binding *binding, bool enabled)
{
    binding->open = enabled ? vcpu : NULL;
    if (enabled && binding->is_held) {
        binding->is_held = false;
        inject_bound(binding);
    } else if (!enabled && list_withdraw(vcpu, &binding->virq)) {
        binding->is_held = true;
    }
}

/* What it is from now on; list registers hold what it was. */
static void describe(struct vcpu *vcpu, struct binding *binding, struct gic_virq virq)
{
    vcpu->is_direct = true;
    binding->vcpu = vcpu;
    binding->virq.value = gic->list_encode_direct(virq);
    binding->virq.priority = virq.priority;
    list_update(vcpu, &binding->virq);
    list_refill(vcpu);
}

/* From another vCPU, or from its PD. What has fired and was not taken yet comes along. */
static void move_irq(struct irq *irq, struct vcpu *vcpu)
{
    struct binding *binding = &irq->binding;

    if (binding->vcpu == NULL) {
        binding->is_held = irq->active;
        irq->active = false;
    } else {
        switch_evict(binding->vcpu);
        binding->is_held = binding->is_held || list_withdraw(binding->vcpu, &binding->virq);
    }
    gic->set_target(irq->desc->intid, vcpu->thread.cpu);
}

void bind_irq(struct vcpu *vcpu, struct irq *irq, struct gic_virq virq, bool enabled)
{
    gic->set_enabled(virq.intid, false); /* nothing of it comes in between */
    switch_evict(vcpu);
    if (irq->binding.vcpu != vcpu) {
        move_irq(irq, vcpu);
    }
    describe(vcpu, &irq->binding, virq);
    set_open(vcpu, &irq->binding, enabled);
    if (enabled) {
        gic->set_enabled(virq.intid, true);
    }
}

void bind_timer(struct vcpu *vcpu, struct gic_virq virq, bool enabled)
{
    switch_evict(vcpu);
    if (vcpu->timer.vcpu == NULL) {
        vcpu->timer.is_held = vcpu->timer_active; /* its VMM need not ack it any more */
    }
    describe(vcpu, &vcpu->timer, virq);
    set_open(vcpu, &vcpu->timer, enabled);
}

static void unbind_irq(struct irq *irq)
{
    gic->set_enabled(irq->desc->intid, false);
    irq->binding.vcpu = NULL;
    irq->binding.open = NULL;
    irq->binding.is_held = false;
    irq->active = false;
    gic->set_active(irq->desc->intid, false);
    gic->clear_pending(irq->desc->intid);
    gic->set_target(irq->desc->intid, pds[irq->desc->pd].desc->cpu);
    gic->set_enabled(irq->desc->intid, true);
}

void bind_reset(struct vcpu *vcpu)
{
    switch_evict(vcpu);
    list_reset(vcpu);
    for (unsigned int i = 0; i < route_count(); i++) {
        if (route_irq(i)->binding.vcpu == vcpu) {
            unbind_irq(route_irq(i));
        }
    }
    vcpu->timer.vcpu = NULL;
    vcpu->timer.open = NULL;
    vcpu->timer.is_held = false;
    vcpu->timer_active = false;
}
