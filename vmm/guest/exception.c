/* SPDX-License-Identifier: BSD-2-Clause */
/* See exception.h. */
#include "vmm/guest/exception.h"

#include "vmm/exit/syndrome.h"

#define PSTATE_MODE(pstate) ((pstate)&0xf)
#define PSTATE_MODE_EL0T    0x0UL
#define PSTATE_MODE_EL1T    0x4UL
#define PSTATE_CONDITIONS   (0xfUL << 28)
#define PSTATE_PAN          (1UL << 22)
#define SCTLR_SPAN          (1UL << 23)

#define VECTOR_EL1_SP_EL0  0x000UL
#define VECTOR_EL1_SP_EL1  0x200UL
#define VECTOR_EL0_AARCH64 0x400UL
#define VECTOR_EL0_AARCH32 0x600UL

#define ISS_FNV            (1UL << 10)
#define ISS_WNR            (1UL << 6)
#define ISS_EXTERNAL_ABORT 0x10UL

static bool is_el0(seL4_Word pstate)
{
    return (pstate & VCPU_PSTATE_AARCH32) != 0 || PSTATE_MODE(pstate) == PSTATE_MODE_EL0T;
}

static seL4_Word vector_offset(seL4_Word pstate)
{
    if ((pstate & VCPU_PSTATE_AARCH32) != 0) {
        return VECTOR_EL0_AARCH32;
    }
    if (PSTATE_MODE(pstate) == PSTATE_MODE_EL0T) {
        return VECTOR_EL0_AARCH64;
    }
    return PSTATE_MODE(pstate) == PSTATE_MODE_EL1T ? VECTOR_EL1_SP_EL0 : VECTOR_EL1_SP_EL1;
}

/* PSTATE at the vector. PAN is set unless SCTLR_EL1.SPAN says to leave it. */
static seL4_Word entry_pstate(seL4_Word pstate, seL4_Word sctlr)
{
    seL4_Word entry = VCPU_PSTATE_RESET | (pstate & PSTATE_CONDITIONS);

    if ((pstate & VCPU_PSTATE_AARCH32) == 0) {
        entry |= pstate & PSTATE_PAN;
    }
    return (sctlr & SCTLR_SPAN) == 0 ? entry | PSTATE_PAN : entry;
}

/* `class_el1` is the exception class if EL1 caused it; an abort's class from EL0 is one less. */
static void inject(const struct vcpu *vcpu, unsigned int class_el1, bool is_abort, seL4_Word iss)
{
    seL4_UserContext context;
    unsigned int class = class_el1;

    vcpu_read_context(vcpu, &context);
    if (is_abort && is_el0(context.spsr)) {
        class --;
    }
    microkit_vcpu_arm_write_reg(vcpu->id, seL4_VCPUReg_ESR,
                                (seL4_Word) class << ESR_EC_SHIFT | ESR_IL | iss);
    microkit_vcpu_arm_write_reg(vcpu->id, seL4_VCPUReg_ELR_EL1, context.pc);
    microkit_vcpu_arm_write_reg(vcpu->id, seL4_VCPUReg_SPSR_EL1, context.spsr);
    context.pc =
        microkit_vcpu_arm_read_reg(vcpu->id, seL4_VCPUReg_VBAR) + vector_offset(context.spsr);
    context.spsr =
        entry_pstate(context.spsr, microkit_vcpu_arm_read_reg(vcpu->id, seL4_VCPUReg_SCTLR));
    vcpu_write_context(vcpu, &context);
}

void exception_inject_data_abort(const struct vcpu *vcpu, bool is_write)
{
    inject(vcpu, ESR_EC_DATA_ABORT_EL1, true,
           ISS_FNV | ISS_EXTERNAL_ABORT | (is_write ? ISS_WNR : 0));
}

void exception_inject_instruction_abort(const struct vcpu *vcpu)
{
    inject(vcpu, ESR_EC_INSTRUCTION_ABORT_EL1, true, ISS_FNV | ISS_EXTERNAL_ABORT);
}

void exception_inject_undefined(const struct vcpu *vcpu)
{
    inject(vcpu, ESR_EC_UNKNOWN, false, 0);
}
