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

#include "abi/syscall.h"
#include "kernel/lib/log.h"
#include "kernel/pd/pd.h"
#include "kernel/vcpu/sgi.h"

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

/* Whose virtual number is this, of those bound to the vCPU; or NULL. */
static struct irq *find_irq(const struct vcpu *vcpu, uint32_t intid)
{
    struct irq *irq = route_lookup(intid);

    if (irq == NULL || irq->binding.vcpu != vcpu) {
        irq = route_lookup(intid + ABI_FIRST_LPI);
    }
    return irq != NULL && irq->binding.vcpu == vcpu ? irq : NULL;
}

/* How an interrupt goes to this guest directly, or NULL. */
static struct binding *find_binding(struct vcpu *vcpu, uint32_t intid)
{
    struct irq *irq;

    if (!vcpu->is_direct) {
        return NULL;
    }
    if (intid == gic_intids.virtual_timer) {
        return vcpu->timer.vcpu != NULL ? &vcpu->timer : NULL;
    }
    irq = find_irq(vcpu, intid);
    return irq != NULL ? &irq->binding : NULL;
}

/* The number that it has at the GIC. */
static uint32_t physical_intid(const struct vcpu *vcpu, const struct binding *binding)
{
    return binding == &vcpu->timer ? gic_intids.virtual_timer
                                   : list_entry(binding, struct irq, binding)->desc->intid;
}

/* The virtual timer's interrupt is active at the GIC, as if it had fired: the core's, while the
 * vCPU is on it. */
static void activate_timer(struct vcpu *vcpu)
{
    vcpu->timer_active = true;
    if (cpus[vcpu->thread.cpu].vcpu == vcpu) {
        gic->set_active(gic_intids.virtual_timer, true);
    }
}

static void activate(struct vcpu *vcpu, const struct binding *binding)
{
    if (binding == &vcpu->timer) {
        activate_timer(vcpu);
    } else {
        gic->set_active(physical_intid(vcpu, binding), true);
    }
}

/* It has fired, and the guest has not taken it. */
static bool is_waiting(const struct vcpu *vcpu, const struct binding *binding)
{
    return binding->is_held || (list_state(vcpu, &binding->virq) &
                                (ABI_IRQ_PENDING | ABI_IRQ_ACTIVE)) == ABI_IRQ_PENDING;
}

bool bind_pend(struct vcpu *vcpu, uint32_t intid)
{
    struct binding *binding = find_binding(vcpu, intid);

    if (binding == NULL) {
        return false;
    }
    if (is_waiting(vcpu, binding)) {
        return true; /* pending is one bit */
    }
    if (binding != &vcpu->timer) {
        gic->set_pending(physical_intid(vcpu, binding));
    } else if (!list_holds(vcpu, &binding->virq)) { /* while it is active its level decides */
        activate_timer(vcpu);
        inject_bound(binding);
    }
    return true;
}

uint64_t bind_state(struct vcpu *vcpu, uint32_t intid)
{
    const struct binding *binding = find_binding(vcpu, intid);
    uint64_t deadline;
    bool is_up;

    if (binding == NULL) {
        return 0;
    }
    if (intid == gic_intids.virtual_timer) {
        switch_evict(vcpu);
        is_up = vcpu_timer_deadline(vcpu, &deadline) && deadline <= arch_counter();
    } else {
        is_up = gic->is_pending(physical_intid(vcpu, binding));
    }
    return list_state(vcpu, &binding->virq) | (binding->is_held || is_up ? ABI_IRQ_PENDING : 0);
}

static void make_inactive(struct vcpu *vcpu, struct binding *binding)
{
    if (binding == &vcpu->timer) {
        vcpu->timer_active = false; /* it is on no core */
    } else {
        gic->set_active(physical_intid(vcpu, binding), false);
    }
    inject_wake(vcpu); /* it may fire again */
}

bool bind_deactivate(struct vcpu *vcpu, uint32_t intid)
{
    struct binding *binding = find_binding(vcpu, intid);
    bool was_pending;

    if (binding == NULL || !list_is_taken(vcpu, &binding->virq)) {
        return false;
    }
    was_pending = (list_state(vcpu, &binding->virq) & ABI_IRQ_PENDING) != 0;
    list_drop(vcpu, &binding->virq);
    make_inactive(vcpu, binding);
    if (was_pending) { /* an LPI's, and nowhere else */
        inject_bound(binding);
    }
    return true;
}

bool bind_clear(struct vcpu *vcpu, uint32_t intid)
{
    struct binding *binding = find_binding(vcpu, intid);

    if (binding == NULL) {
        return false;
    }
    switch_evict(vcpu);
    if (binding != &vcpu->timer) {
        gic->clear_pending(physical_intid(vcpu, binding));
    }
    if (!is_waiting(vcpu, binding)) {
        return list_withdraw(vcpu, &binding->virq); /* an LPI's that is active, too */
    }
    binding->is_held = false;
    (void)list_withdraw(vcpu, &binding->virq);
    make_inactive(vcpu, binding);
    return true;
}

/* Its VMM has injected it before it was bound. What the guest has not taken comes again directly;
 * what it has is ended directly. */
static void take_over(struct vcpu *vcpu, struct binding *binding, uint32_t intid)
{
    struct virq *slot;

    while ((slot = list_find_slot(vcpu, intid, NULL)) != NULL) {
        if (!list_withdraw(vcpu, slot)) {
            activate(vcpu, binding);
            binding->is_held = false;
            list_adopt(vcpu, slot, &binding->virq);
        } else if (!binding->is_held) {
            (void)bind_pend(vcpu, intid);
        }
        vcpu->due |= 1UL << (slot - vcpu->slots);
    }
}

/* What it is from now on; list registers hold what it was. */
static void describe(struct vcpu *vcpu, struct binding *binding, struct gic_virq virq)
{
    vcpu->is_direct = true;
    binding->vcpu = vcpu;
    binding->virq.value =
        binding->virq.is_message ? gic->list_encode_message(virq) : gic->list_encode_direct(virq);
    binding->virq.intid = virq.intid;
    binding->virq.priority = virq.priority;
    take_over(vcpu, binding, virq.intid);
    if (list_withdraw(vcpu, &binding->virq)) { /* pending: the same with its new value */
        list_offer(vcpu, &binding->virq);
    }
    list_refill(vcpu);
    inject_wake(vcpu); /* what it waits for is another now */
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
        if (list_withdraw(binding->vcpu, &binding->virq)) {
            binding->is_held = true;
        }
        if (list_holds(binding->vcpu, &binding->virq)) {
            binding->taken_by = binding->vcpu; /* its EOI, or its reset, ends it */
        }
    }
    gic->set_target(irq->desc->intid, vcpu->thread.cpu);
}

/* Whose it is for now, though it is meant for `vcpu`. An edge of an SPI, which is active at the GIC
 * until its guest ends it, comes to no second CPU before that, and guests rely on it. An LPI is
 * kept from it here. */
static struct vcpu *find_keeper(struct irq *irq, struct vcpu *vcpu)
{
    struct vcpu *keeper = irq->binding.vcpu;

    if (!irq_is_lpi(irq) || keeper == NULL) {
        return vcpu;
    }
    switch_evict(keeper);
    return list_is_taken(keeper, &irq->binding.virq) ? keeper : vcpu;
}

void bind_irq(struct vcpu *vcpu, struct irq *irq, struct gic_virq virq, bool enabled)
{
    uint32_t intid = irq->desc->intid;
    struct vcpu *keeper;

    assert(vcpu != NULL);
    gic->set_enabled(intid, false); /* nothing of it comes in between */
    keeper = find_keeper(irq, vcpu);
    irq->binding.next = keeper != vcpu ? vcpu : NULL;
    vcpu = keeper;
    switch_evict(vcpu);
    if (irq->binding.vcpu != vcpu) {
        move_irq(irq, vcpu);
    }
    irq->binding.virq.is_message = irq_is_lpi(irq);
    describe(vcpu, &irq->binding, virq);
    set_open(vcpu, &irq->binding, enabled);
    if (irq->binding.next != NULL) {
        irq->binding.open = NULL; /* inject_bound() looks */
    }
    if (enabled) {
        gic->set_enabled(intid, true);
    }
}

/* Either may be on its core, and this one's guest be what was interrupted. What has become pending
 * once more where it was is the same interrupt. */
bool bind_is_kept(struct binding *binding)
{
    struct vcpu *next = binding->next;

    switch_evict_remote(binding->vcpu);
    if (list_is_taken(binding->vcpu, &binding->virq)) {
        return true;
    }
    (void)list_withdraw(binding->vcpu, &binding->virq);
    switch_evict_remote(next);
    gic->set_target(physical_intid(next, binding), next->thread.cpu);
    binding->next = NULL;
    binding->vcpu = next;
    binding->open = next;
    next->is_direct = true;
    list_refill(next);
    return false;
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

/* A vCPU that had the interrupt before has taken it, and not ended it. */
static bool is_taken_elsewhere(struct binding *binding)
{
    struct vcpu *vcpu = binding->taken_by;

    if (vcpu == NULL) {
        return false;
    }
    switch_evict(vcpu);
    return list_holds(vcpu, &binding->virq);
}

static void unbind_irq(struct irq *irq)
{
    gic->set_enabled(irq->desc->intid, false);
    irq->binding.vcpu = NULL;
    irq->binding.open = NULL;
    irq->binding.next = NULL;
    irq->binding.is_held = false;
    irq->active = false;
    if (!is_taken_elsewhere(&irq->binding)) {
        gic->set_active(irq->desc->intid, false);
    }
    gic->clear_pending(irq->desc->intid);
    gic->set_target(irq->desc->intid, pds[irq->desc->pd].desc->cpu);
    gic->set_enabled(irq->desc->intid, true);
}

void bind_reset(struct vcpu *vcpu)
{
    const struct image_channel *channels = vcpu->thread.handler->channels; /* its VMM's */

    switch_evict(vcpu);
    list_reset(vcpu);
    sgi_reset(vcpu);
    for (unsigned int i = 0; i < ABI_MAX_CHANNELS; i++) {
        if (channels[i].kind == IMAGE_CHANNEL_IRQ &&
            (route_irq(channels[i].target)->binding.vcpu == vcpu ||
             route_irq(channels[i].target)->binding.next == vcpu)) {
            unbind_irq(route_irq(channels[i].target));
        }
    }
    vcpu->timer.vcpu = NULL;
    vcpu->timer.open = NULL;
    vcpu->timer.is_held = false;
    vcpu->timer_active = false;
    inject_wake(vcpu); /* its timer may be due now */
}
