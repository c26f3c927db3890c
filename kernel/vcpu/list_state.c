/* SPDX-License-Identifier: BSD-2-Clause */
/* What has become of a vCPU's interrupts, and that there are none any more. */
#include <stddef.h>

#include "abi/syscall.h"
#include "kernel/vcpu/list.h"

uint32_t list_find_used_in_memory(const struct vcpu *vcpu)
{
    uint32_t used = 0;

    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        used |= gic->list_is_used(vcpu->gic.list[i]) ? 1U << i : 0;
    }
    return used;
}

void list_drop(struct vcpu *vcpu, struct virq *virq)
{
    if (virq->is_parked) {
        park_drop(vcpu, virq->taken);
        park_forget(virq);
    } else {
        unsigned int index = find_open(vcpu, virq);

        park_drop(vcpu, list_get(vcpu, index));
        list_set(vcpu, index, 0);
    }
    free_slot(vcpu, virq);
    list_refill(vcpu);
}

void list_report_end(struct vcpu *vcpu, struct virq *virq)
{
    unsigned int index = find_open(vcpu, virq);

    virq->is_reported = true;
    virq->value = gic->list_report(virq->value);
    if (virq->is_parked) {
        virq->taken = gic->list_report(virq->taken);
    } else if (index != NO_LIST) {
        list_set(vcpu, index, gic->list_report(list_get(vcpu, index)));
    }
    list_refill(vcpu); /* the notice that is asked for */
}

bool list_is_signalling(const struct vcpu *vcpu)
{
    return gic->is_signalling(is_resident(vcpu) ? NULL : &vcpu->gic);
}

struct virq *list_find_slot(struct vcpu *vcpu, uint32_t intid, const struct virq *but)
{
    for (uint64_t used = vcpu->used_slots; used != 0; used &= used - 1) {
        struct virq *slot = &vcpu->slots[__builtin_ctzl(used)];

        if (slot != but && slot->intid == intid &&
            (!list_is_empty(&slot->link) || find_open(vcpu, slot) != NO_LIST)) {
            return slot;
        }
    }
    return NULL;
}

bool list_is_taken(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int index = find_open(vcpu, virq);

    return virq->is_parked || (index != NO_LIST && gic->list_is_active(list_get(vcpu, index)));
}

uint64_t list_state(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int index;
    uint64_t value;

    if (is_waiting(virq)) {
        return ABI_IRQ_PENDING;
    }
    index = virq->is_parked ? NO_LIST : find_open(vcpu, virq);
    value = index != NO_LIST ? list_get(vcpu, index) : 0;
    value = virq->is_parked ? virq->taken : value;
    return (gic->list_is_pending(value) ? ABI_IRQ_PENDING : 0) |
           (gic->list_is_active(value) ? ABI_IRQ_ACTIVE : 0);
}

bool list_holds(const struct vcpu *vcpu, const struct virq *virq)
{
    return virq->is_parked || find(vcpu, virq, find_used(vcpu)) != NO_LIST;
}

/* What the guest has not ended would stay active at the GIC, though it may be bound to another vCPU
 * since. The timer's is the core's, and the vCPU is on none. */
static void reset_active(uint64_t value)
{
    if (gic->list_is_direct(value) && gic->list_intid(value) >= GIC_FIRST_SPI) {
        gic->set_active(gic->list_intid(value), false);
    }
}

void list_reset(struct vcpu *vcpu)
{
    while (!list_is_empty(&vcpu->waiting)) {
        list_remove(vcpu->waiting.next);
    }
    while (!list_is_empty(&vcpu->parked)) {
        reset_active(park_take(vcpu)->taken);
    }
    for (uint32_t used = find_used(vcpu); used != 0; used &= used - 1) {
        reset_active(vcpu->gic.list[__builtin_ctz(used)]);
    }
    vcpu->gic = (struct gic_vcpu){.notice = GIC_NOTICE_ENDED};
    vcpu->used_slots = 0;
    vcpu->dropped = 0;
    vcpu->due = 0;
    vcpu->is_direct = false;
}
