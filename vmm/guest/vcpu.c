/* SPDX-License-Identifier: BSD-2-Clause */
/* See vcpu.h. */
#include "vmm/guest/vcpu.h"

#include <stddef.h>

#define CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))

/* As vCPUs start by the contract: MMU and caches off. */
#define SCTLR_RESET 0x34d58820UL
#define MPIDR_RES1  (1UL << 31)

#define PSTATE_IT_LOW  (0x3UL << 25)  /* of AArch32: ITSTATE[1:0] */
#define PSTATE_IT_HIGH (0x3fUL << 10) /* ITSTATE[7:2] */

#define CNTV_CTL_ENABLE 0x1UL
#define CNTV_CTL_IMASK  0x2UL

static seL4_CPtr thread_of(const struct vcpu *vcpu)
{
    return BASE_VM_TCB_CAP + vcpu->id;
}

static void check(seL4_Error error)
{
    if (error != seL4_NoError) {
        microkit_internal_crash(error); /* as the library's own wrappers do */
    }
}

void vcpu_read_context(const struct vcpu *vcpu, seL4_UserContext *context)
{
    check(seL4_TCB_ReadRegisters(thread_of(vcpu), seL4_False, 0, CONTEXT_WORDS, context));
}

void vcpu_write_context(const struct vcpu *vcpu, seL4_UserContext *context)
{
    check(seL4_TCB_WriteRegisters(thread_of(vcpu), seL4_False, 0, CONTEXT_WORDS, context));
}

uint64_t vcpu_read_pc(const struct vcpu *vcpu)
{
    seL4_UserContext context = {0};

    check(seL4_TCB_ReadRegisters(thread_of(vcpu), seL4_False, 0, 1, &context));
    return context.pc;
}

void vcpu_write_pc(const struct vcpu *vcpu, uint64_t pc)
{
    seL4_UserContext context = {.pc = pc};

    check(seL4_TCB_WriteRegisters(thread_of(vcpu), seL4_False, 0, 1, &context));
}

void vcpu_advance_pc(const struct vcpu *vcpu, unsigned int bytes)
{
    vcpu_write_pc(vcpu, vcpu_read_pc(vcpu) + bytes);
}

#if defined(MICROKIT_HAS_VCPU_AARCH32) && !defined(VMM_CONTRACT_ONLY)
#define KEEPS_AARCH32 true
#else
#define KEEPS_AARCH32 false
#endif

bool vcpu_can_write(const seL4_UserContext *context)
{
    return KEEPS_AARCH32 || (context->spsr & VCPU_PSTATE_AARCH32) == 0;
}

/* In AArch32 state it may be one of an IT block, whose state moves on (Arm ARM F1.5.4). */
static seL4_Word behind_in_it_block(seL4_Word spsr)
{
    seL4_Word state = (spsr & PSTATE_IT_HIGH) >> 8 | (spsr & PSTATE_IT_LOW) >> 25;
    seL4_Word next = (state & 0x7) == 0 ? 0 : (state & 0xe0) | (state << 1 & 0x1f);

    return (spsr & ~(PSTATE_IT_LOW | PSTATE_IT_HIGH)) | (next & 0x3) << 25 | (next >> 2) << 10;
}

void vcpu_context_skip(seL4_UserContext *context, unsigned int bytes)
{
    context->pc += bytes;
    if ((context->spsr & VCPU_PSTATE_AARCH32) != 0) {
        context->spsr = behind_in_it_block(context->spsr);
    }
}

/* The order of seL4_UserContext is not the registers'. */
seL4_Word *vcpu_context_register(seL4_UserContext *context, unsigned int number)
{
    static const uint8_t offsets[VCPU_ZERO_REGISTER] = {
        offsetof(seL4_UserContext, x0) / 8,  offsetof(seL4_UserContext, x1) / 8,
        offsetof(seL4_UserContext, x2) / 8,  offsetof(seL4_UserContext, x3) / 8,
        offsetof(seL4_UserContext, x4) / 8,  offsetof(seL4_UserContext, x5) / 8,
        offsetof(seL4_UserContext, x6) / 8,  offsetof(seL4_UserContext, x7) / 8,
        offsetof(seL4_UserContext, x8) / 8,  offsetof(seL4_UserContext, x9) / 8,
        offsetof(seL4_UserContext, x10) / 8, offsetof(seL4_UserContext, x11) / 8,
        offsetof(seL4_UserContext, x12) / 8, offsetof(seL4_UserContext, x13) / 8,
        offsetof(seL4_UserContext, x14) / 8, offsetof(seL4_UserContext, x15) / 8,
        offsetof(seL4_UserContext, x16) / 8, offsetof(seL4_UserContext, x17) / 8,
        offsetof(seL4_UserContext, x18) / 8, offsetof(seL4_UserContext, x19) / 8,
        offsetof(seL4_UserContext, x20) / 8, offsetof(seL4_UserContext, x21) / 8,
        offsetof(seL4_UserContext, x22) / 8, offsetof(seL4_UserContext, x23) / 8,
        offsetof(seL4_UserContext, x24) / 8, offsetof(seL4_UserContext, x25) / 8,
        offsetof(seL4_UserContext, x26) / 8, offsetof(seL4_UserContext, x27) / 8,
        offsetof(seL4_UserContext, x28) / 8, offsetof(seL4_UserContext, x29) / 8,
        offsetof(seL4_UserContext, x30) / 8,
    };

    if (number >= VCPU_ZERO_REGISTER) {
        return NULL;
    }
    return (seL4_Word *)context + offsets[number];
}

/* Starting does not do it (contract: a restart sets the pc and nothing else). */
static void reset_registers(const struct vcpu *vcpu)
{
    for (seL4_Word reg = 0; reg <= seL4_VCPUReg_CNTKCTL_EL1; reg++) {
        microkit_vcpu_arm_write_reg(vcpu->id, reg, 0);
    }
    microkit_vcpu_arm_write_reg(vcpu->id, seL4_VCPUReg_SCTLR, SCTLR_RESET);
    microkit_vcpu_arm_write_reg(vcpu->id, seL4_VCPUReg_VMPIDR_EL2, MPIDR_RES1 | vcpu->mpidr);
}

void vcpu_start(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
    seL4_UserContext context = {.pc = entry, .spsr = VCPU_PSTATE_RESET, .x0 = argument};

    reset_registers(vcpu);
    vcpu_write_context(vcpu, &context);
    vcpu->state = VCPU_ON;
    microkit_vcpu_restart(vcpu->id, entry);
}

void vcpu_stop(struct vcpu *vcpu)
{
    microkit_vcpu_stop(vcpu->id);
    vcpu->state = VCPU_OFF;
}

void vcpu_wait(struct vcpu *vcpu)
{
    vcpu->state = VCPU_WAITING;
}

void vcpu_wake(struct vcpu *vcpu)
{
    vcpu->state = VCPU_ON;
    microkit_vcpu_restart(vcpu->id, vcpu_read_pc(vcpu));
}

bool vcpu_timer_is_armed(const struct vcpu *vcpu)
{
    seL4_Word control = microkit_vcpu_arm_read_reg(vcpu->id, seL4_VCPUReg_CNTV_CTL);

    return (control & (CNTV_CTL_ENABLE | CNTV_CTL_IMASK)) == CNTV_CTL_ENABLE;
}
