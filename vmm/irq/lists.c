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
