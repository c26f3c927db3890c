/* SPDX-License-Identifier: BSD-2-Clause */
/* A VMM's view of its vCPU's registers (seL4_VCPUReg). The vCPU is not current meanwhile. */
#include "kernel/vcpu/vcpu.h"

#define CNTV_ENABLE 1UL
#define CNTV_IMASK  2UL

bool vcpu_timer_deadline(const struct vcpu *vcpu, uint64_t *deadline)
{
    const uint64_t *reg = vcpu->arch.reg;

    *deadline = reg[ABI_VCPU_CNTV_CVAL] + reg[ABI_VCPU_CNTVOFF];
    return (reg[ABI_VCPU_CNTV_CTL] & (CNTV_ENABLE | CNTV_IMASK)) == CNTV_ENABLE;
}

uint64_t vcpu_read_register(struct vcpu *vcpu, unsigned int reg)
{
    switch_evict(vcpu);
    return vcpu->arch.reg[reg];
}

void vcpu_write_register(struct vcpu *vcpu, unsigned int reg, uint64_t value)
{
    switch_evict(vcpu);
    vcpu->arch.reg[reg] = value;
    inject_wake(vcpu); /* its timer may be another */
}
