/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synchronous exceptions of a guest, by exception class (Arm ARM D17.2.37, ESR_ELx.EC). WFI, FP and
 * the registers of sysreg.c are dealt with here, all else goes to the VMM as a fault message.
 */
#include <stddef.h>

#include "kernel/ipc/fault.h"
#include "kernel/sched/sched.h"
#include "kernel/vcpu/vcpu.h"

#define ESR_EC(syndrome) ((unsigned int)((syndrome) >> 26 & 0x3f))
#define WFX_IS_WFE       (1UL << 0)

#define CNTV_ENABLE 1UL
#define CNTV_IMASK  2UL

typedef void (*exit_handler_t)(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome);

static void to_vmm(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    (void)cpu;
    fault_one_word(&vcpu->thread, ABI_FAULT_VCPU, syndrome);
}

static void data_abort(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    (void)cpu;
    fault_vm(&vcpu->thread, arch_fault_ipa(syndrome), false, syndrome);
}

static void instruction_abort(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    (void)cpu;
    fault_vm(&vcpu->thread, arch_fault_ipa(syndrome), true, syndrome);
}

/* The return address of an HVC is behind it; the message has the HVC's own (contract.md, 6). */
static void hypercall(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    (void)cpu;
    (void)syndrome;
    vcpu->thread.frame.pc -= 4;
    fault_unknown_syscall(&vcpu->thread);
}

static void fp_access(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    (void)syndrome;
    switch_fp(cpu, &vcpu->thread);
}

static void register_access(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    if (!sysreg_emulate(&vcpu->thread.frame, syndrome)) {
        to_vmm(cpu, vcpu, syndrome);
    }
}

/* It fired, and cannot fire again before the guest, or its VMM, has ended that. */
static bool is_timer_in_flight(const struct vcpu *vcpu)
{
    return vcpu->timer.vcpu != NULL ? list_holds(vcpu, &vcpu->timer.virq) || vcpu->timer.is_held
                                    : vcpu->timer_active;
}

/* Sleeps until an interrupt is injected or its timer fires. Not at all if there is one already:
 * WFI completes for a pending interrupt, whatever PSTATE.I says. */
static void wait_for_interrupt(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    struct thread *thread = &vcpu->thread;
    uint64_t control;

    if (!skip_instruction(&thread->frame, syndrome) || (syndrome & WFX_IS_WFE) != 0 ||
        list_is_pending(vcpu)) {
        return;
    }
    if (cpu->current == thread) { /* unless another core has just asked for its registers */
        switch_to(cpu, NULL);
    }
    control = vcpu->arch.reg[ABI_VCPU_CNTV_CTL];
    if (!is_timer_in_flight(vcpu) && (control & (CNTV_ENABLE | CNTV_IMASK)) == CNTV_ENABLE) {
        uint64_t deadline = vcpu->arch.reg[ABI_VCPU_CNTV_CVAL] + vcpu->arch.reg[ABI_VCPU_CNTVOFF];

        if (deadline <= arch_counter()) {
            return;
        }
        timer_start(&cpu->timers, &thread->wake, deadline);
    }
    sched_remove(thread, THREAD_IDLE);
}

static const exit_handler_t handlers[64] = {
    [0x01] = wait_for_interrupt, [0x03] = register_access, /* AArch32, as the next three */
    [0x04] = register_access,    [0x05] = register_access, [0x0c] = register_access,
    [0x07] = fp_access,          [0x12] = hypercall, /* AArch32 */
    [0x16] = hypercall,          [0x18] = register_access, [0x20] = instruction_abort,
    [0x24] = data_abort,
};

void exit_sync(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    exit_handler_t handler = handlers[ESR_EC(syndrome)];

    if (handler == NULL) {
        handler = to_vmm;
    }
    handler(cpu, vcpu, syndrome);
}
