/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traps are dispatched by who was running and by exception class (Arm ARM D17.2.37). A guest's
 * exceptions are vcpu/exit.c's; a program's are a system call, FP, or a fault to its parent.
 */
#include "kernel/trap/trap.h"

#include "kernel/ipc/fault.h"
#include "kernel/lib/log.h"
#include "kernel/sched/account.h"
#include "kernel/smp/lock.h"
#include "kernel/vcpu/vcpu.h"

#define ESR_EC(syndrome) ((unsigned int)((syndrome) >> 26 & 0x3f))
#define EC_SVC64         0x15

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
    [0x07] = fp_access,         [0x15] = system_call, [0x18] = register_access,
    [0x20] = instruction_abort, [0x24] = data_abort,  [0x3c] = breakpoint,
};

/* Takes the lock. False: another core suspended the thread while this one waited, and its trap is
 * void. It has not begun its system call then: its pc is at the SVC. */
static bool enter(struct cpu *cpu, struct thread *current)
{
    uint32_t epoch = current->epoch;

    smp_enter(cpu);
    return current->epoch == epoch && current->state == THREAD_RUNNABLE;
}

struct thread *trap_sync(struct thread *current)
{
    struct cpu *cpu = cpu_local();
    uint64_t syndrome = arch_syndrome();

    if (account_is_on) {
        account_enter(cpu);
    }
    if (ESR_EC(syndrome) == EC_SVC64) {
        current->frame.pc -= 4; /* until system_call() begins it */
    }
    if (!enter(cpu, current)) {
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

    (void)current;
    if (account_is_on) {
        account_enter(cpu);
    }
    smp_enter(cpu);
    interrupt_handle(cpu);
    return trap_exit(cpu);
}

/* An error that a device or memory reported late: who runs now need not be its cause. It is
 * logged and charged to the running program or guest, which cannot be trusted to be whole. */
struct thread *trap_serror(struct thread *current)
{
    if (!enter(cpu_local(), current)) {
        return trap_exit(cpu_local());
    }
    log_line("SError while %s was running (esr 0x%lx)", current->name, arch_syndrome());
    if (current->kind == THREAD_VCPU) {
        fault_one_word(current, ABI_FAULT_VCPU, arch_syndrome());
    } else {
        fault_user_exception(current, ABI_USER_EXCEPTION_UNDEFINED, 0);
    }
    return trap_exit(cpu_local());
}
