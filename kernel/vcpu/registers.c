/* SPDX-License-Identifier: BSD-2-Clause */
/* A VMM's view of its vCPU's registers (seL4_VCPUReg). The vCPU is not current meanwhile. */
#include "kernel/vcpu/vcpu.h"

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
