/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of the registers that a VMM reads and writes: seL4_VCPUReg_* (contract.md, section 5). */
#ifndef SLUICE_ABI_VCPU_H
#define SLUICE_ABI_VCPU_H

enum abi_vcpu_reg {
    ABI_VCPU_SCTLR,
    ABI_VCPU_CPACR,
    ABI_VCPU_TTBR0,
    ABI_VCPU_TTBR1,
    ABI_VCPU_TCR,
    ABI_VCPU_MAIR,
    ABI_VCPU_AMAIR,
    ABI_VCPU_CIDR,
    ABI_VCPU_ACTLR,
    ABI_VCPU_AFSR0,
    ABI_VCPU_AFSR1,
    ABI_VCPU_ESR,
    ABI_VCPU_FAR,
    ABI_VCPU_PAR,
    ABI_VCPU_VBAR,
    ABI_VCPU_TPIDR_EL1,
    ABI_VCPU_VMPIDR_EL2,
    ABI_VCPU_SP_EL1,
    ABI_VCPU_ELR_EL1,
    ABI_VCPU_SPSR_EL1,
    ABI_VCPU_CNTV_CTL,
    ABI_VCPU_CNTV_CVAL,
    ABI_VCPU_CNTVOFF,
    ABI_VCPU_CNTKCTL_EL1,
    ABI_VCPU_REG_COUNT
};

/* SCTLR_EL1 of a vCPU that has never run: MMU and caches off. */
#define ABI_VCPU_SCTLR_RESET 0x34d58820UL

#endif
