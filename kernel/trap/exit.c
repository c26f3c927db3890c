/* SPDX-License-Identifier: BSD-2-Clause */
/* The way out of the kernel: sched chooses, this performs. */
#include <stddef.h>

#include "kernel/sched/account.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

/* Nothing to run: sleeps with interrupts masked until one is pending, and deals with it. */
static void idle(struct cpu *cpu)
{
    if (cpu->current != NULL) {
        switch_to(cpu, NULL);
    }
    if (cpu->vcpu != NULL) {
        /* QEMU takes its virtual interrupt for one that ends WFI at EL2, and with -icount sleep=off
         * goes to the end of time if a timer that has fired is all that is enabled. */
        switch_evict(cpu->vcpu);
    }
    timer_arm_exactly(&cpu->timers);
    smp_leave(cpu, true);
    arch_wait_for_interrupt();
    smp_enter(cpu);
    interrupt_handle(cpu);
}

struct thread *trap_exit(struct cpu *cpu)
{
    struct thread *next;
    uint64_t deadline;

    sched_account(cpu);
    for (;;) {
        next = sched_choose(cpu);
        if (next == NULL) {
            idle(cpu);
            continue;
        }
        if (next->kind == THREAD_VCPU && inject_report_ended(vcpu_from_thread(next))) {
            continue;
        }
        break;
    }
    if (account_is_on) {
        account_leave(cpu);
    }
    deadline = sched_deadline(cpu, next);
    timer_arm(&cpu->timers, deadline);
    if (next != cpu->current) {
        switch_to(cpu, next);
    } else if (next->kind == THREAD_VCPU) {
        switch_refresh_wfi(cpu);
    }
    /* What the short way leaves armed is right for whoever it goes to: no turn or budget ends. */
    cpu->quick = deadline == TIMER_NEVER ? next : NULL;
    smp_leave(cpu, false);
    return next;
}
