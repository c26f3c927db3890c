/* SPDX-License-Identifier: BSD-2-Clause */
/* See direct.h. */
#include "vmm/passthrough/direct.h"

#if defined(MICROKIT_HAS_VCPU_BIND_IRQ) && !defined(VMM_CONTRACT_ONLY)

bool direct_is_offered(void)
{
    return true;
}

void direct_bind_irq(microkit_child vcpu, microkit_channel ch, const struct virq *virq,
                     bool is_forwarded)
{
    microkit_vcpu_arm_bind_irq(vcpu, ch, is_forwarded,
                               (seL4_Uint8)(virq->priority >> VGIC_PRIORITY_SHIFT), virq->group);
}

void direct_bind_timer(microkit_child vcpu, const struct virq *virq, bool is_forwarded)
{
    microkit_vcpu_arm_bind_vppi(vcpu, virq->intid, is_forwarded,
                                (seL4_Uint8)(virq->priority >> VGIC_PRIORITY_SHIFT), virq->group);
}

void direct_reset(microkit_child vcpu)
{
    microkit_vcpu_arm_reset_vgic(vcpu);
}

#else

bool direct_is_offered(void)
{
    return false;
}

void direct_bind_irq(microkit_child vcpu, microkit_channel ch, const struct virq *virq,
                     bool is_forwarded)
{
    (void)vcpu;
    (void)ch;
    (void)virq;
    (void)is_forwarded;
}

void direct_bind_timer(microkit_child vcpu, const struct virq *virq, bool is_forwarded)
{
    (void)vcpu;
    (void)virq;
    (void)is_forwarded;
}

void direct_reset(microkit_child vcpu)
{
    (void)vcpu;
}

#endif

#if defined(MICROKIT_HAS_VCPU_SLEEP) && !defined(VMM_CONTRACT_ONLY)

bool direct_sleep(microkit_child vcpu)
{
    microkit_vcpu_arm_sleep(vcpu);
    return true;
}

#else

bool direct_sleep(microkit_child vcpu)
{
    (void)vcpu;
    return false;
}

#endif
