/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations on children, vCPUs, firmware and the debug console's text. An error that the kernel
 * returns is the program's mistake: it is printed, and the PD faults.
 */
#include <stddef.h>

#include <microkit.h>

#include "abi/syscall.h"

static void check(const char *function, const char *what, seL4_Word number, seL4_Error error)
{
    if (error == seL4_NoError) {
        return;
    }
    microkit_dbg_puts(microkit_name);
    microkit_dbg_putc(' ');
    microkit_dbg_puts(function);
    microkit_dbg_puts(": error ");
    microkit_dbg_put32((seL4_Uint32)error);
    microkit_dbg_puts(" with ");
    microkit_dbg_puts(what);
    microkit_dbg_puts(" '");
    microkit_dbg_put32((seL4_Uint32)number);
    microkit_dbg_puts("'\n");
    microkit_internal_crash(error);
}

#define FRAME_WORDS (offsetof(seL4_UserContext, x9) / sizeof(seL4_Word))

/* Which words come from the source, and which stay the target's. */
static void merge(seL4_UserContext *to, const seL4_UserContext *from, seL4_Bool frame,
                  seL4_Bool integer)
{
    seL4_Word *to_words = (seL4_Word *)to;
    const seL4_Word *from_words = (const seL4_Word *)from;

    for (seL4_Word i = 0; i < SLUICE_CONTEXT_WORDS; i++) {
        if ((i < FRAME_WORDS ? frame : integer) != 0) {
            to_words[i] = from_words[i];
        }
    }
}

seL4_Error seL4_TCB_CopyRegisters(seL4_CPtr dest, seL4_CPtr source, seL4_Bool suspend_source,
                                  seL4_Bool resume_target, seL4_Bool transfer_frame,
                                  seL4_Bool transfer_integer, seL4_Uint8 arch_flags)
{
    seL4_UserContext from;
    seL4_UserContext to;
    seL4_Error error;

    error = seL4_TCB_ReadRegisters(source, suspend_source, arch_flags, SLUICE_CONTEXT_WORDS, &from);
    if (error == seL4_NoError) {
        error = seL4_TCB_ReadRegisters(dest, seL4_False, arch_flags, SLUICE_CONTEXT_WORDS, &to);
    }
    if (error != seL4_NoError) {
        return error;
    }
    merge(&to, &from, transfer_frame, transfer_integer);
    return seL4_TCB_WriteRegisters(dest, resume_target, arch_flags, SLUICE_CONTEXT_WORDS, &to);
}

static seL4_Error restart(seL4_CPtr tcb, seL4_Word entry_point)
{
    seL4_UserContext context;

    context.pc = entry_point;
    return seL4_TCB_WriteRegisters(tcb, seL4_True, 0, 1, &context);
}

void microkit_pd_restart(microkit_child pd, seL4_Word entry_point)
{
    check("microkit_pd_restart", "child", pd, restart(BASE_TCB_CAP + pd, entry_point));
}

void microkit_pd_stop(microkit_child pd)
{
    check("microkit_pd_stop", "child", pd, seL4_TCB_Suspend(BASE_TCB_CAP + pd));
}

void microkit_pd_resume(microkit_child pd)
{
    check("microkit_pd_resume", "child", pd, seL4_TCB_Resume(BASE_TCB_CAP + pd));
}

void microkit_vcpu_restart(microkit_child vcpu, seL4_Word entry_point)
{
    check("microkit_vcpu_restart", "vcpu", vcpu, restart(BASE_VM_TCB_CAP + vcpu, entry_point));
}

void microkit_vcpu_stop(microkit_child vcpu)
{
    check("microkit_vcpu_stop", "vcpu", vcpu, seL4_TCB_Suspend(BASE_VM_TCB_CAP + vcpu));
}

void microkit_vcpu_arm_inject_irq(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 priority,
                                  seL4_Uint8 group, seL4_Uint8 index)
{
    check("microkit_vcpu_arm_inject_irq", "vcpu", vcpu,
          seL4_ARM_VCPU_InjectIRQ(BASE_VCPU_CAP + vcpu, irq, priority, group, index));
}

void microkit_vcpu_arm_ack_vppi(microkit_child vcpu, seL4_Word irq)
{
    check("microkit_vcpu_arm_ack_vppi", "vcpu", vcpu,
          seL4_ARM_VCPU_AckVPPI(BASE_VCPU_CAP + vcpu, irq));
}

seL4_Word microkit_vcpu_arm_read_reg(microkit_child vcpu, seL4_Word reg)
{
    seL4_ARM_VCPU_ReadRegs_t result = seL4_ARM_VCPU_ReadRegs(BASE_VCPU_CAP + vcpu, reg);

    check("microkit_vcpu_arm_read_reg", "vcpu", vcpu, (seL4_Error)result.error);
    return result.value;
}

void microkit_vcpu_arm_write_reg(microkit_child vcpu, seL4_Word reg, seL4_Word value)
{
    check("microkit_vcpu_arm_write_reg", "vcpu", vcpu,
          seL4_ARM_VCPU_WriteRegs(BASE_VCPU_CAP + vcpu, reg, value));
}

static seL4_Error bind(enum sluice_syscall call, microkit_child vcpu, seL4_Word what,
                       seL4_Bool enabled, seL4_Uint8 priority, seL4_Uint8 group)
{
    seL4_Word how =
        priority | (enabled ? ABI_BIND_ENABLED : 0) | (group != 0 ? ABI_BIND_GROUP1 : 0);

    return (seL4_Error)sluice_syscall(call, BASE_VCPU_CAP + vcpu, what, how, 0, 0).x0;
}

void microkit_vcpu_arm_bind_irq(microkit_child vcpu, microkit_channel irq, seL4_Bool enabled,
                                seL4_Uint8 priority, seL4_Uint8 group)
{
    if (!microkit_internal_has(microkit_irqs, irq)) {
        microkit_internal_bad_channel("microkit_vcpu_arm_bind_irq", irq);
        return;
    }
    check("microkit_vcpu_arm_bind_irq", "vcpu", vcpu,
          bind(SLUICE_SYS_VCPU_BIND_IRQ, vcpu, BASE_IRQ_CAP + irq, enabled, priority, group));
}

void microkit_vcpu_arm_bind_vppi(microkit_child vcpu, seL4_Word irq, seL4_Bool enabled,
                                 seL4_Uint8 priority, seL4_Uint8 group)
{
    check("microkit_vcpu_arm_bind_vppi", "vcpu", vcpu,
          bind(SLUICE_SYS_VCPU_BIND_VPPI, vcpu, irq, enabled, priority, group));
}

void microkit_vcpu_arm_reset_vgic(microkit_child vcpu)
{
    check("microkit_vcpu_arm_reset_vgic", "vcpu", vcpu,
          (seL4_Error)sluice_syscall(SLUICE_SYS_VCPU_RESET_VGIC, BASE_VCPU_CAP + vcpu, 0, 0, 0, 0)
              .x0);
}

void microkit_vcpu_arm_sleep(microkit_child vcpu)
{
    check("microkit_vcpu_arm_sleep", "vcpu", vcpu,
          (seL4_Error)sluice_syscall(SLUICE_SYS_VCPU_SLEEP, BASE_VCPU_CAP + vcpu, 0, 0, 0, 0).x0);
}

void microkit_arm_smc_call(seL4_ARM_SMCContext *args, seL4_ARM_SMCContext *response)
{
    check("microkit_arm_smc_call", "function", args->x0,
          seL4_ARM_SMC_Call(ARM_SMC_CAP, args, response));
}

seL4_Word microkit_dbg_read(microkit_channel ch, char *buffer, seL4_Word size)
{
    const char *text = (const char *)sluice_transfer();
    seL4_Word done = 0;
    seL4_Word part;

    do {
        seL4_Word limit = size - done < ABI_DEBUG_READ ? size - done : ABI_DEBUG_READ;
        struct sluice_result result = sluice_syscall(SLUICE_SYS_DEBUG_READ, ch, limit, 0, 0, 0);

        check("microkit_dbg_read", "channel", ch, (seL4_Error)result.x0);
        part = result.x1;
        for (seL4_Word i = 0; i < part; i++) {
            buffer[done + i] = text[i];
        }
        done += part;
    } while (part == ABI_DEBUG_READ && done < size);
    return done;
}

seL4_Word microkit_vcpu_arm_irq_state(microkit_child vcpu, seL4_Word irq)
{
    struct sluice_result result =
        sluice_syscall(SLUICE_SYS_VCPU_IRQ_STATE, BASE_VCPU_CAP + vcpu, irq, 0, 0, 0);

    check("microkit_vcpu_arm_irq_state", "vcpu", vcpu, (seL4_Error)result.x0);
    return result.x1;
}

seL4_Bool microkit_vcpu_arm_withdraw_irq(microkit_child vcpu, seL4_Uint8 index)
{
    struct sluice_result result =
        sluice_syscall(SLUICE_SYS_VCPU_WITHDRAW_IRQ, BASE_VCPU_CAP + vcpu, index, 0, 0, 0);

    check("microkit_vcpu_arm_withdraw_irq", "vcpu", vcpu, (seL4_Error)result.x0);
    return result.x1 != 0;
}

void microkit_vcpu_arm_inject_sgi(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 source,
                                  seL4_Uint8 priority, seL4_Uint8 group, seL4_Uint8 index)
{
    seL4_Word how = group | (seL4_Word)source << ABI_INJECT_SOURCE_SHIFT | ABI_INJECT_MORE;

    check("microkit_vcpu_arm_inject_sgi", "vcpu", vcpu,
          (seL4_Error)sluice_syscall(SLUICE_SYS_VCPU_INJECT_IRQ, BASE_VCPU_CAP + vcpu, irq,
                                     priority, how, index)
              .x0);
}

seL4_Bool microkit_vcpu_arm_clear_irq(microkit_child vcpu, seL4_Word irq, seL4_Word state)
{
    struct sluice_result result =
        sluice_syscall(SLUICE_SYS_VCPU_CLEAR_IRQ, BASE_VCPU_CAP + vcpu, irq, state, 0, 0);

    check("microkit_vcpu_arm_clear_irq", "vcpu", vcpu, (seL4_Error)result.x0);
    return result.x1 != 0;
}

void microkit_vcpu_arm_route_sgis(microkit_child vcpu, seL4_Uint8 number, seL4_Word affinity,
                                  seL4_Word sgir)
{
    check("microkit_vcpu_arm_route_sgis", "vcpu", vcpu,
          (seL4_Error)sluice_syscall(SLUICE_SYS_VCPU_ROUTE_SGIS, BASE_VCPU_CAP + vcpu, number,
                                     affinity, sgir, 0)
              .x0);
}

void microkit_vcpu_arm_bind_sgi(microkit_child vcpu, seL4_Word sgi, seL4_Bool enabled,
                                seL4_Uint8 priority, seL4_Uint8 group)
{
    check("microkit_vcpu_arm_bind_sgi", "vcpu", vcpu,
          bind(SLUICE_SYS_VCPU_BIND_SGI, vcpu, sgi, enabled, priority, group));
}

seL4_Uint8 microkit_vcpu_arm_change_sgi(microkit_child vcpu, seL4_Word sgi, seL4_Uint8 clear,
                                        seL4_Uint8 set)
{
    struct sluice_result result =
        sluice_syscall(SLUICE_SYS_VCPU_CHANGE_SGI, BASE_VCPU_CAP + vcpu, sgi, clear, set, 0);

    check("microkit_vcpu_arm_change_sgi", "vcpu", vcpu, (seL4_Error)result.x0);
    return (seL4_Uint8)result.x1;
}

seL4_Bool microkit_random(seL4_Word number[4])
{
    const seL4_Word *area = (const seL4_Word *)sluice_transfer();

    if (sluice_syscall(SLUICE_SYS_RANDOM, 0, 0, 0, 0, 0).x0 != seL4_NoError) {
        return seL4_False;
    }
    for (unsigned int i = 0; i < 4; i++) {
        number[i] = area[i];
    }
    return seL4_True;
}
