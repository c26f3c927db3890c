/* SPDX-License-Identifier: BSD-2-Clause */
/* How list.c and list_state.c get at list registers: at the core's, or at those saved. */
#ifndef SLUICE_KERNEL_VCPU_LIST_H
#define SLUICE_KERNEL_VCPU_LIST_H

#include "kernel/vcpu/vcpu.h"

#define NO_LIST   GIC_LIST_REGISTERS
#define ALL_LISTS ((1U << GIC_LIST_REGISTERS) - 1)

static inline bool is_resident(const struct vcpu *vcpu)
{
    return cpus[vcpu->thread.cpu].vcpu == vcpu;
}

static inline uint64_t list_get(const struct vcpu *vcpu, unsigned int index)
{
    return is_resident(vcpu) ? gic->list_read(index) : vcpu->gic.list[index];
}

static inline void list_set(struct vcpu *vcpu, unsigned int index, uint64_t value)
{
    if (is_resident(vcpu)) {
        gic->list_write(index, value);
    } else {
        vcpu->gic.list[index] = value;
    }
}

/* find_used() of a vCPU that is on no core. */
uint32_t list_find_used_in_memory(const struct vcpu *vcpu);

/* Which list registers hold something: a bit for each. */
static inline uint32_t find_used(const struct vcpu *vcpu)
{
    return is_resident(vcpu) ? gic->lists_used() : list_find_used_in_memory(vcpu);
}

/* The list register of those used that holds a virq, or NO_LIST. */
static inline unsigned int find(const struct vcpu *vcpu, const struct virq *virq, uint32_t used)
{
    for (; used != 0; used &= used - 1) {
        unsigned int index = (unsigned int)__builtin_ctz(used);

        if (vcpu->owners[index] == virq) {
            return index;
        }
    }
    return NO_LIST;
}

/* The list register in which a virq is, not ended yet, or NO_LIST. */
static inline unsigned int find_open(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int index = find(vcpu, virq, find_used(vcpu));
    uint64_t value = index != NO_LIST ? list_get(vcpu, index) : 0;

    return gic->list_is_pending(value) || gic->list_is_active(value) ? index : NO_LIST;
}

static inline bool is_slot(const struct vcpu *vcpu, const struct virq *virq)
{
    return virq >= vcpu->slots && virq < &vcpu->slots[ABI_VCPU_SLOTS];
}

static inline uint64_t slot_bit(const struct vcpu *vcpu, const struct virq *slot)
{
    return 1UL << (slot - vcpu->slots);
}

static inline void free_slot(struct vcpu *vcpu, const struct virq *virq)
{
    if (is_slot(vcpu, virq)) {
        vcpu->used_slots &= ~slot_bit(vcpu, virq);
    }
}

/* It waits for a list register. */
static inline bool is_waiting(const struct virq *virq)
{
    return !list_is_empty(&virq->link) && !virq->is_parked;
}

#endif
