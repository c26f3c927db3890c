/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on objects that a program holds capabilities to. They return a seL4_Error. */
#ifndef SEL4_FUNCTIONS_H
#define SEL4_FUNCTIONS_H

#include <sel4/messages.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>

#define SLUICE_CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))

/* What operations take and give when it is wider than registers lies behind the IPC buffer, in its
 * page: message registers stay what the last message made them. */
static inline seL4_Word *sluice_transfer(void)
{
    return (seL4_Word *)(seL4_GetIPCBuffer() + 1);
}

static inline seL4_Error seL4_IRQHandler_Ack(seL4_CPtr irq)
{
    sluice_send(irq);
    return seL4_NoError;
}

static inline seL4_Error seL4_TCB_ReadRegisters(seL4_CPtr tcb, seL4_Bool suspend_source,
                                                seL4_Uint8 arch_flags, seL4_Word count,
                                                seL4_UserContext *regs)
{
    const seL4_Word *area = sluice_transfer();
    seL4_Word *words = (seL4_Word *)regs;
    seL4_Word error;

    (void)arch_flags;
    error = sluice_syscall(SLUICE_SYS_TCB_READ_REGISTERS, tcb, (seL4_Word)(suspend_source != 0),
                           count, 0, 0)
                .x0;
    if (error == 0) {
        for (seL4_Word i = 0; i < count && i < SLUICE_CONTEXT_WORDS; i++) {
            words[i] = area[i];
        }
    }
    return (seL4_Error)error;
}

static inline seL4_Error seL4_TCB_WriteRegisters(seL4_CPtr tcb, seL4_Bool resume_target,
                                                 seL4_Uint8 arch_flags, seL4_Word count,
                                                 seL4_UserContext *regs)
{
    const seL4_Word *words = (const seL4_Word *)regs;
    seL4_Word *area = sluice_transfer();

    (void)arch_flags;
    for (seL4_Word i = 0; i < count && i < SLUICE_CONTEXT_WORDS; i++) {
        area[i] = words[i];
    }
    return (seL4_Error)sluice_syscall(SLUICE_SYS_TCB_WRITE_REGISTERS, tcb,
                                      (seL4_Word)(resume_target != 0), count, 0, 0)
        .x0;
}

static inline seL4_Error seL4_TCB_Suspend(seL4_CPtr tcb)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_TCB_SUSPEND, tcb, 0, 0, 0, 0).x0;
}

static inline seL4_Error seL4_TCB_Resume(seL4_CPtr tcb)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_TCB_RESUME, tcb, 0, 0, 0, 0).x0;
}

#ifdef __cplusplus
extern "C" {
#endif

/* From one thread to another, neither of them the caller: pc, sp, spsr, x0..x8, x16..x18, x29 and
 * x30 if `transfer_frame`, the others if `transfer_integer`. */
seL4_Error seL4_TCB_CopyRegisters(seL4_CPtr dest, seL4_CPtr source, seL4_Bool suspend_source,
                                  seL4_Bool resume_target, seL4_Bool transfer_frame,
                                  seL4_Bool transfer_integer, seL4_Uint8 arch_flags);

#ifdef __cplusplus
}
#endif

/* At most the maximum of `authority`, a TCB that the caller holds, too. A program's maximum is its
 * priority in the system description, unless it is changed; a virtual machine's likewise. */
static inline seL4_Error seL4_TCB_SetPriority(seL4_CPtr tcb, seL4_CPtr authority,
                                              seL4_Word priority)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_TCB_SET_PRIORITY, tcb, authority, priority, 0, 0)
        .x0;
}

static inline seL4_Error seL4_TCB_SetMCPriority(seL4_CPtr tcb, seL4_CPtr authority, seL4_Word mcp)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_TCB_SET_MAXIMUM, tcb, authority, mcp, 0, 0).x0;
}

static inline seL4_Error seL4_TCB_SetTLSBase(seL4_CPtr tcb, seL4_Word tls_base)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_TCB_SET_TLS_BASE, tcb, tls_base, 0, 0, 0).x0;
}

/* What was used of the scheduling context since this was last asked, in microseconds: up to its
 * last entry to the kernel if it is used on another core just now. <cap_sc> gives capabilities. */
static inline seL4_SchedContext_Consumed_t seL4_SchedContext_Consumed(seL4_CPtr sched_context)
{
    struct sluice_result call = sluice_syscall(SLUICE_SYS_SC_CONSUMED, sched_context, 0, 0, 0, 0);
    seL4_SchedContext_Consumed_t result;

    result.error = (int)call.x0;
    result.consumed = call.x1;
    return result;
}

/* Its program is the next to run among those of its priority; at once, if it is the caller's and
 * the core is the same. On another core nothing changes. Tells what was consumed when the caller
 * goes on. */
static inline seL4_SchedContext_YieldTo_t seL4_SchedContext_YieldTo(seL4_CPtr sched_context)
{
    seL4_Word error = sluice_syscall(SLUICE_SYS_SC_YIELD_TO, sched_context, 0, 0, 0, 0).x0;
    seL4_SchedContext_YieldTo_t result;

    result.error = (int)error;
    result.consumed = error == 0 ? seL4_SchedContext_Consumed(sched_context).consumed : 0;
    return result;
}

static inline seL4_Error seL4_ARM_VCPU_InjectIRQ(seL4_CPtr vcpu, seL4_Uint16 virq,
                                                 seL4_Uint8 priority, seL4_Uint8 group,
                                                 seL4_Uint8 index)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_VCPU_INJECT_IRQ, vcpu, virq, priority, group,
                                      index)
        .x0;
}

static inline seL4_Error seL4_ARM_VCPU_AckVPPI(seL4_CPtr vcpu, seL4_Word irq)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_VCPU_ACK_VPPI, vcpu, irq, 0, 0, 0).x0;
}

static inline seL4_ARM_VCPU_ReadRegs_t seL4_ARM_VCPU_ReadRegs(seL4_CPtr vcpu, seL4_Word field)
{
    struct sluice_result call = sluice_syscall(SLUICE_SYS_VCPU_READ_REG, vcpu, field, 0, 0, 0);
    seL4_ARM_VCPU_ReadRegs_t result;

    result.error = (int)call.x0;
    result.value = call.x1;
    return result;
}

static inline seL4_Error seL4_ARM_VCPU_WriteRegs(seL4_CPtr vcpu, seL4_Word field, seL4_Word value)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_VCPU_WRITE_REG, vcpu, field, value, 0, 0).x0;
}

static inline seL4_Error seL4_ARM_SMC_Call(seL4_CPtr smc, seL4_ARM_SMCContext *args,
                                           seL4_ARM_SMCContext *response)
{
    const seL4_Word *in = (const seL4_Word *)args;
    seL4_Word *out = (seL4_Word *)response;
    seL4_Word *area = sluice_transfer();
    seL4_Word error;

    for (int i = 0; i < 8; i++) {
        area[i] = in[i];
    }
    error = sluice_syscall(SLUICE_SYS_SMC, smc, 0, 0, 0, 0).x0;
    for (int i = 0; error == 0 && i < 8; i++) {
        out[i] = area[i];
    }
    return (seL4_Error)error;
}

#endif
