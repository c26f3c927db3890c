/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts that a guest has taken and not ended can be more than there are list registers. The
 * least important of them are parked: active, and in no list register, where the active priorities
 * still have them. The guest ends the most important one first. The EOI of one that is parked is
 * counted by hardware, which does not say which it was (IHI 0048B, 5.3.1; IHI 0069H, 12.4.4): the
 * first of those that are parked, then. What was made inactive by the distributor is EOI'd like
 * that, too: its priority is remembered.
 */
#include <stddef.h>

#include "kernel/vcpu/vcpu.h"

#define NO_PRIORITY 32U

void park(struct vcpu *vcpu, struct virq *virq, uint64_t value)
{
    struct list_node *position = vcpu->parked.next;

    while (position != &vcpu->parked &&
           gic->list_priority(list_entry(position, struct virq, link)->taken) <
               gic->list_priority(value)) {
        position = position->next;
    }
    virq->taken = value;
    virq->is_parked = true;
    list_insert_before(position, &virq->link);
}

void park_forget(struct virq *virq)
{
    list_remove(&virq->link);
    virq->is_parked = false;
}

struct virq *park_take(struct vcpu *vcpu)
{
    struct virq *virq = list_entry(vcpu->parked.next, struct virq, link);

    park_forget(virq);
    return virq;
}

struct virq *park_take_ended(struct vcpu *vcpu)
{
    uint32_t dropped = vcpu->dropped != 0 ? (uint32_t)__builtin_ctz(vcpu->dropped) : NO_PRIORITY;

    if (list_is_empty(&vcpu->parked) ||
        dropped <= gic->list_priority(list_entry(vcpu->parked.next, struct virq, link)->taken)) {
        vcpu->dropped &= vcpu->dropped - 1;
        return NULL;
    }
    return park_take(vcpu);
}

void park_drop(struct vcpu *vcpu, uint64_t value)
{
    vcpu->dropped |= 1U << gic->list_priority(value);
}
