/* SPDX-License-Identifier: BSD-2-Clause */
/* The way out of the kernel: sched chooses, this performs. */
#include <stddef.h>

#include "kernel/dev/console.h"
#include "kernel/ipc/report.h"
#include "kernel/sched/account.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/sgi.h"

/* Nothing to run: sleeps with interrupts masked until one is pending, and deals with it. */
static void idle(struct cpu *cpu, bool text_waits)
{
    if (cpu->current != NULL) {
        switch_to(cpu, NULL);
    }
    if (cpu->vcpu != NULL) {
        /* QEMU takes its virtual interrupt for one that ends WFI at EL2, and with -icount sleep=off
         * goes to the end of time if a timer that has fired is all that is enabled. */
        switch_evict(cpu->vcpu);
    }
    sched_charge(cpu);
    cpu->payer = NULL;
    if (text_waits) {
        timer_arm(&cpu->timers, console_next_look());
    } else {
        timer_arm_exactly(&cpu->timers);
    }
    smp_leave(cpu, true);
    arch_wait_for_interrupt();
    smp_enter_alone(cpu);
    interrupt_handle(cpu);
}

/* Who is about to run has something to do first: it is charged with an error, or, a vCPU, its VMM
 * is told of an interrupt that its guest has ended, or it is to sleep. True: it does not run. */
static bool is_held_up(struct cpu *cpu, struct thread *thread)
{
    struct vcpu *vcpu;

    if (thread->error != 0) {
        trap_charge_error(thread);
        return true;
    }
    if (thread->kind != THREAD_VCPU) {
        return false;
    }
    vcpu = vcpu_from_thread(thread);
    if ((vcpu->due & VCPU_DUE_SGIS) != 0) {
        sgi_resume(vcpu);
    }
    return vcpu->due != 0 && (inject_report_ended(vcpu) || exit_sleep_as_asked(cpu, vcpu));
}

/* Whoever runs may have to send a message first, to whichever core. */
static bool concerns_others(struct thread *thread)
{
    return thread->error != 0 ||
           (thread->kind == THREAD_VCPU && (vcpu_from_thread(thread)->due & VCPU_DUE_ENDED) != 0);
}

/* Who runs next, if there is someone. `text_waits`: as report_drain(). */
static struct thread *choose(struct cpu *cpu, bool *text_waits)
{
    for (;;) {
        struct thread *next;

        if (report_is_due() || console_is_waiting()) {
            switch_take_all(cpu);
        }
        *text_waits = report_drain();
        next = sched_choose(cpu);
        if (next == NULL) {
            idle(cpu, *text_waits);
        } else if (!cpu->has_all && concerns_others(next)) {
            switch_take_all(cpu);
        } else if (sched_has_time(cpu, next) && !is_held_up(cpu, next)) {
            return next;
        }
    }
}

/* While text waits the kernel has to come back, and looks whenever it does. */
static uint64_t limit_by_console(uint64_t deadline, bool text_waits)
{
    uint64_t look;

    if (!text_waits) {
        return deadline;
    }
    look = console_next_look();
    return look < deadline ? look : deadline;
}

struct thread *trap_exit(struct cpu *cpu)
{
    struct thread *next;
    uint64_t deadline;
    bool text_waits;

    next = choose(cpu, &text_waits);
    if (account_is_on) {
        account_leave(cpu);
    }
    deadline = limit_by_console(sched_begin(cpu, next), text_waits);
    timer_arm(&cpu->timers, deadline);
    if (next != cpu->current) {
        switch_to(cpu, next);
    } else if (next->kind == THREAD_VCPU) {
        switch_refresh_wfi(cpu);
    }
    /* What the short way leaves armed is right for whoever it goes to: no turn or budget ends; and
     * nobody misses the time that it does not charge. */
    cpu->quick = cpu->payer == NULL ? next : NULL;
    smp_leave(cpu, false);
    return next;
}
