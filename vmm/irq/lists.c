/* SPDX-License-Identifier: BSD-2-Clause */
/* See lists.h. */
#include "vmm/irq/lists.h"

#if defined(MICROKIT_HAS_VCPU_LIST) && !defined(VMM_CONTRACT_ONLY)

void lists_inject(microkit_child vcpu, unsigned int index, const struct lists_irq *irq)
{
    microkit_vcpu_arm_inject_sgi(vcpu, irq->intid, irq->source, irq->priority, irq->group,
                                 (seL4_Uint8)index);
}

bool lists_take_back(microkit_child vcpu, unsigned int index)
{
    return microkit_vcpu_arm_withdraw_irq(vcpu, (seL4_Uint8)index);
}

struct lists_state lists_direct(microkit_child vcpu, uint16_t intid)
{
    seL4_Word state = microkit_vcpu_arm_irq_state(vcpu, intid);

    return (struct lists_state){.is_pending = (state & MICROKIT_IRQ_PENDING) != 0,
                                .is_active = (state & MICROKIT_IRQ_ACTIVE) != 0};
}

struct lists_state lists_in_flight(microkit_child vcpu, uint16_t intid)
{
    return lists_direct(vcpu, intid);
}

#else

void lists_inject(microkit_child vcpu, unsigned int index, const struct lists_irq *irq)
{
    microkit_vcpu_arm_inject_irq(vcpu, irq->intid, irq->priority, irq->group, (seL4_Uint8)index);
}

bool lists_take_back(microkit_child vcpu, unsigned int index)
{
    (void)vcpu;
    (void)index;
    return false;
}

struct lists_state lists_in_flight(microkit_child vcpu, uint16_t intid)
{
    (void)vcpu;
    (void)intid;
    return (struct lists_state){.is_active = true};
}

struct lists_state lists_direct(microkit_child vcpu, uint16_t intid)
{
    (void)vcpu;
    (void)intid;
    return (struct lists_state){0};
}

#endif

#if defined(MICROKIT_HAS_VCPU_ACTIVE) && !defined(VMM_CONTRACT_ONLY)

unsigned int lists_count(void)
{
    return MICROKIT_VCPU_LISTS < LISTS_MAX ? MICROKIT_VCPU_LISTS : LISTS_MAX;
}

bool lists_deactivate(microkit_child vcpu, uint16_t intid)
{
    return microkit_vcpu_arm_clear_irq(vcpu, intid, MICROKIT_IRQ_ACTIVE);
}

void lists_clear_direct(microkit_child vcpu, uint16_t intid)
{
    (void)microkit_vcpu_arm_clear_irq(vcpu, intid, MICROKIT_IRQ_PENDING);
}

#else

unsigned int lists_count(void)
{
    return LISTS_OF_CONTRACT;
}

bool lists_deactivate(microkit_child vcpu, uint16_t intid)
{
    (void)vcpu;
    (void)intid;
    return false;
}

void lists_clear_direct(microkit_child vcpu, uint16_t intid)
{
    (void)vcpu;
    (void)intid;
}

#endif

#if defined(MICROKIT_HAS_VCPU_SGI) && !defined(VMM_CONTRACT_ONLY)

bool lists_have_sgis(void)
{
    return true;
}

void lists_route_sgis(microkit_child vcpu, unsigned int number, uint64_t mpidr, uint64_t sgir)
{
    microkit_vcpu_arm_route_sgis(vcpu, (seL4_Uint8)number, mpidr, sgir);
}

void lists_bind_sgi(microkit_child vcpu, const struct lists_irq *irq, bool is_forwarded)
{
    microkit_vcpu_arm_bind_sgi(vcpu, irq->intid, is_forwarded, irq->priority, irq->group);
}

uint8_t lists_change_sgi(microkit_child vcpu, uint16_t intid, uint8_t clear, uint8_t set)
{
    return microkit_vcpu_arm_change_sgi(vcpu, intid, clear, set);
}

#else

bool lists_have_sgis(void)
{
    return false;
}

void lists_route_sgis(microkit_child vcpu, unsigned int number, uint64_t mpidr, uint64_t sgir)
{
    (void)vcpu;
    (void)number;
    (void)mpidr;
    (void)sgir;
}

void lists_bind_sgi(microkit_child vcpu, const struct lists_irq *irq, bool is_forwarded)
{
    (void)vcpu;
    (void)irq;
    (void)is_forwarded;
}

uint8_t lists_change_sgi(microkit_child vcpu, uint16_t intid, uint8_t clear, uint8_t set)
{
    (void)vcpu;
    (void)intid;
    (void)clear;
    (void)set;
    return 0;
}

#endif
