/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traps are dispatched by who was running and by exception class (Arm ARM D17.2.37). A guest's
 * exceptions are vcpu/exit.c's; a program's are a system call, FP, or a fault to its parent.
 */
#include "kernel/trap/trap.h"

#include "kernel/ipc/fault.h"
#include "kernel/lib/log.h"
#include "kernel/sched/account.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "kernel/vcpu/vcpu.h"

#define ESR_EC(syndrome) ((unsigned int)((syndrome) >> 26 & 0x3f))
#define EC_WFX           0x01
#define EC_FP            0x07
#define EC_SVC64         0x15
#define EC_HVC64         0x16

typedef void (*trap_handler_t)(struct cpu *cpu, struct pd *pd, uint64_t syndrome);

static void system_call(struct cpu *cpu, struct pd *pd, uint64_t syndrome)
{
    (void)cpu;
    (void)syndrome;
    pd->thread.frame.pc += 4;
    syscall_handle(pd);
}

static void fp_access(struct cpu *cpu, struct pd *pd, uint64_t syndrome)
{
    if (pd->thread.fpu) {
        switch_fp(cpu, &pd->thread);
    } else {
        fault_one_word(&pd->thread, ABI_FAULT_VCPU, syndrome);
    }
}

static void register_access(struct cpu *cpu, struct pd *pd, uint64_t syndrome)
{
    (void)cpu;
    fault_one_word(&pd->thread, ABI_FAULT_VCPU, syndrome);
}

static void instruction_abort(struct cpu *cpu, struct pd *pd, uint64_t syndrome)
{
    (void)cpu;
    fault_vm(&pd->thread, arch_fault_address(), true, syndrome);
}

static void data_abort(struct cpu *cpu, struct pd *pd, uint64_t syndrome)
{
    (void)cpu;
    fault_vm(&pd->thread, arch_fault_address(), false, syndrome);
}

static void breakpoint(struct cpu *cpu, struct pd *pd, uint64_t syndrome)
{
    (void)cpu;
    (void)syndrome;
    fault_software_break(&pd->thread);
}

static void exception(struct cpu *cpu, struct pd *pd, uint64_t syndrome)
{
    (void)cpu;
    (void)syndrome;
    fault_user_exception(&pd->thread, ABI_USER_EXCEPTION_UNDEFINED, 0);
}

static const trap_handler_t handlers[64] = {
    [EC_FP] = fp_access,        [0x15] = system_call, [0x18] = register_access,
    [0x20] = instruction_abort, [0x24] = data_abort,  [0x3c] = breakpoint,
};

/* Every way into the kernel, once the registers are saved. Takes the lock (`alone`: for what
 * concerns this core only), and charges for the time since the core left. False: `current` has
 * nothing to do with what follows. While this core waited for the lock another one stopped it, or
 * wrote its registers: its trap is void, the instruction has not begun and will be executed again
 * if the thread goes on there. */
static bool enter(struct cpu *cpu, struct thread *current, bool alone)
{
    bool is_void;

    if (account_is_on) {
        account_enter(cpu);
    }
    cpu->trapped = current; /* seen by who finds the core in the kernel: smp_enter() */
    (alone ? smp_enter_alone : smp_enter)(cpu);
    sched_charge(cpu);
    is_void = cpu->trap_is_void || current->state != THREAD_RUNNABLE;
    cpu->trapped = NULL;
    cpu->trap_is_void = false;
    switch_from_stopped(cpu);
    return !is_void;
}

/* SVC and HVC return behind themselves. Until they have begun, the pc is at them: another core that
 * voids the trap, or reads the registers, finds the thread before the instruction. */
static void rewind_call(struct thread *current, uint64_t syndrome)
{
    if (ESR_EC(syndrome) == EC_SVC64 || ESR_EC(syndrome) == EC_HVC64) {
        current->frame.pc -= 4;
    }
}

/* A guest's WFI, and FP registers that a thread may have. */
static bool is_local(const struct thread *current, uint64_t syndrome)
{
    if (current->kind == THREAD_VCPU) {
        return ESR_EC(syndrome) == EC_WFX || ESR_EC(syndrome) == EC_FP;
    }
    return ESR_EC(syndrome) == EC_FP && current->fpu;
}

struct thread *trap_sync(struct thread *current)
{
    struct cpu *cpu = cpu_local();
    uint64_t syndrome = arch_syndrome();

    rewind_call(current, syndrome);
    if (!enter(cpu, current, is_local(current, syndrome))) {
        return trap_exit(cpu);
    }
    if (current->kind == THREAD_VCPU) {
        exit_sync(cpu, vcpu_from_thread(current), syndrome);
    } else {
        trap_handler_t handler = handlers[ESR_EC(syndrome)];

        (handler != NULL ? handler : exception)(cpu, pd_from_thread(current), syndrome);
    }
    return trap_exit(cpu);
}

struct thread *trap_interrupt(struct thread *current)
{
    struct cpu *cpu = cpu_local();

    (void)enter(cpu, current, true);
    interrupt_handle(cpu);
    return trap_exit(cpu);
}

/* An error that a device or memory reported late, for what the thread did: it cannot be trusted to
 * be whole. */
static void charge_error(struct thread *thread, uint64_t syndrome)
{
    log_line("SError of %s (esr 0x%lx)", thread->name, syndrome);
    if (thread->kind == THREAD_VCPU) {
        fault_one_word(thread, ABI_FAULT_VCPU, syndrome);
    } else {
        fault_user_exception(thread, ABI_USER_EXCEPTION_UNDEFINED, 0);
    }
}

void trap_charge_error(struct thread *thread)
{
    uint64_t syndrome = thread->error;

    thread->error = 0;
    charge_error(thread, syndrome);
}

/* It is the running thread's: the core looks between two threads, arch_has_error(). */
struct thread *trap_serror(struct thread *current)
{
    struct cpu *cpu = cpu_local();
    uint64_t syndrome = arch_syndrome();

    if (enter(cpu, current, false)) {
        charge_error(current, syndrome);
    } else {
        current->error = syndrome; /* when it runs again */
    }
    return trap_exit(cpu);
}
