/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synchronous exceptions of a guest, by exception class (Arm ARM D17.2.37, ESR_ELx.EC). WFI, FP and
 * the registers of sysreg.c are dealt with here, all else goes to the VMM as a fault message.
 */
#include <stddef.h>

#include "kernel/ipc/fault.h"
#include "kernel/sched/sched.h"
#include "kernel/vcpu/sgi.h"

#define ESR_EC(syndrome) ((unsigned int)((syndrome) >> 26 & 0x3f))
#define WFX_IS_WFE       (1UL << 0)
#define ISS_IMMEDIATE    0xffffUL

typedef void (*exit_handler_t)(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome);

static void to_vmm(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    (void)cpu;
    fault_one_word(&vcpu->thread, ABI_FAULT_VCPU, syndrome);
}

static void data_abort(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    uint64_t ipa = arch_fault_ipa(syndrome);

    (void)cpu;
    if (sgi_send_by_store(vcpu, syndrome, ipa)) {
        (void)skip_instruction(&vcpu->thread.frame, syndrome);
    } else {
        fault_vm(&vcpu->thread, ipa, false, syndrome);
    }
}

static void instruction_abort(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    (void)cpu;
    fault_vm(&vcpu->thread, arch_fault_ipa(syndrome), true, syndrome);
}

/* With an immediate it is not a call of SMCCC (DEN0028, 2.9): the VMM sees which. */
static void hypercall(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    if ((syndrome & ISS_IMMEDIATE) != 0) {
        to_vmm(cpu, vcpu, syndrome);
    } else {
        fault_unknown_syscall(&vcpu->thread);
    }
}

static void fp_access(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    (void)syndrome;
    switch_fp(cpu, &vcpu->thread);
}

static void register_access(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    if (sgi_send_by_register(vcpu, syndrome)) {
        (void)skip_instruction(&vcpu->thread.frame, syndrome);
    } else if (!sysreg_emulate(&vcpu->thread.frame, syndrome)) {
        to_vmm(cpu, vcpu, syndrome);
    }
}

/* It has fired, and cannot again before the guest, or its VMM, has ended that. */
static bool is_timer_in_flight(const struct vcpu *vcpu)
{
    if (vcpu->timer.vcpu == NULL) {
        return vcpu->timer_active;
    }
    return vcpu->timer.is_held || list_holds(vcpu, &vcpu->timer.virq);
}

/* The guest has disabled its timer's interrupt. */
static bool is_timer_disabled(const struct vcpu *vcpu)
{
    return vcpu->timer.vcpu != NULL && vcpu->timer.open == NULL;
}

/* Whether the timer ends a sleep that would begin now, or at the time that it is started for. Once
 * it is due, only if it can interrupt the guest. */
static bool has_timer_fired(struct cpu *cpu, struct vcpu *vcpu)
{
    uint64_t deadline;

    if (!vcpu_timer_deadline(vcpu, &deadline) || is_timer_in_flight(vcpu)) {
        return false;
    }
    if (deadline <= arch_counter()) {
        return !is_timer_disabled(vcpu);
    }
    timer_start(&cpu->timers, &vcpu->thread.wake, deadline);
    return false;
}

/* Until an interrupt is signalled or its timer fires. Not at all if that is so already: WFI
 * completes then, whatever PSTATE.I says (Arm ARM D1.6.2). What is pending but cannot be signalled
 * does not count, or its loop of WFI would have the core. */
static bool sleep(struct cpu *cpu, struct vcpu *vcpu)
{
    struct thread *thread = &vcpu->thread;

    if (list_is_signalling(vcpu)) {
        return false;
    }
    if (cpu->current == thread) { /* unless another core has just asked for its registers */
        switch_to(cpu, NULL);
    }
    if (has_timer_fired(cpu, vcpu)) {
        return false;
    }
    timer_forget_limit(&cpu->timers); /* the end of its turn would interrupt who is next */
    sched_remove(thread, THREAD_IDLE);
    return true;
}

/* WFE: it waits for another processor of its own, mostly for a spinlock, whose owner may be off its
 * core. So it lets others run that are of its priority, and looks again in its next turn. */
static void wait(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    if (!skip_instruction(&vcpu->thread.frame, syndrome)) {
        return;
    }
    if ((syndrome & WFX_IS_WFE) != 0) {
        sched_pass_turn(&vcpu->thread);
    } else {
        (void)sleep(cpu, vcpu);
    }
}

bool exit_sleep_as_asked(struct cpu *cpu, struct vcpu *vcpu)
{
    if ((vcpu->due & VCPU_DUE_SLEEP) == 0) {
        return false;
    }
    vcpu->due &= ~VCPU_DUE_SLEEP;
    return sleep(cpu, vcpu);
}

static const exit_handler_t handlers[64] = {
    [0x01] = wait,
    [0x03] = register_access, /* AArch32, as the next three */
    [0x04] = register_access,
    [0x05] = register_access,
    [0x0c] = register_access,
    [0x07] = fp_access,
    [0x16] = hypercall,
    [0x18] = register_access,
    [0x20] = instruction_abort,
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
