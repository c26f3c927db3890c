/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling of one core: strict priority, round robin within one. It only chooses; the exit
 * path (trap/exit.c) performs the switch.
 */
#ifndef SLUICE_KERNEL_SCHED_SCHED_H
#define SLUICE_KERNEL_SCHED_SCHED_H

#include <stddef.h>

#include "kernel/pd/thread.h"
#include "kernel/smp/cpu.h"

/* Makes a thread that is in no queue runnable, or DEPLETED if it has no budget now. It keeps its
 * turn if its slice is not over. */
void sched_add(struct thread *thread);
/* Takes a runnable thread off its core; `state` says what it is from now on. */
void sched_remove(struct thread *thread, enum thread_state state);
/* Stops a runnable thread on whichever core it runs: its registers are in memory, and a trap that
 * it has just taken there does not count. */
void sched_stop(struct thread *thread);
/* The registers of a thread, which are in memory, have another owner now: a trap that the thread
 * has just taken on another core is not what it does next. */
void sched_void_trap(struct thread *thread);
/* `thread`, runnable and in no queue, is to run instead of `cpu->chosen`, who comes next of its
 * priority. */
void sched_preempt(struct cpu *cpu, struct thread *thread);
/* For sched_choose(). */
struct thread *sched_choose_queued(struct cpu *cpu);
/* The thread to run now, or NULL. */
static inline struct thread *sched_choose(struct cpu *cpu)
{
    if (cpu->chosen == NULL && cpu->preempted != NULL) {
        cpu->chosen = cpu->preempted;
        cpu->preempted = NULL;
        cpu->top = cpu->queue_top;
    }
    return cpu->chosen != NULL ? cpu->chosen : sched_choose_queued(cpu);
}
/* Whether `thread`, chosen, may run now. False: its budget is used up, and it waits for more; or
 * its turn is over, and a peer is first. Choose again. */
bool sched_has_time(struct cpu *cpu, struct thread *thread);
/* The core goes to `thread`, chosen, which pays from now on if that is counted. The counter value
 * at which it must stop: its turn is over and a peer waits, or its budget is used up; TIMER_NEVER:
 * no such time. */
uint64_t sched_begin(struct cpu *cpu, struct thread *thread);
/* A passive server goes to its caller's core, and for notifications to its own. It runs on this
 * core just now, or nowhere. */
void sched_move(struct thread *thread, unsigned int index);
/* The turn of `thread`, current on this core, is over, and what it has of a budget is given up. */
void sched_end_turn(struct thread *thread);
/* The same, but it keeps its budget: who is of its priority comes first. */
void sched_pass_turn(struct thread *thread);
/* On this core: `thread`, if it is runnable there, comes next of its priority; at once if that is
 * the chosen thread's, who comes after it. */
void sched_yield_to(struct cpu *cpu, struct thread *thread);
/* Of a thread that waits in nobody's sender queue; a runnable one keeps its turn. */
void sched_set_priority(struct thread *thread, uint8_t priority);
/* For sched_charge(). */
void sched_charge_payer(struct cpu *cpu);
/* Whom sched_begin() said pays for the time since, up to now. Once at each entry to the kernel,
 * before anything is decided, so that no way through it is free; and once more when the core goes
 * to who has another budget, or to sleep, so that the kernel's own time is paid by who caused it.
 * Costs nothing unless turns or budgets are counted. */
static inline void sched_charge(struct cpu *cpu)
{
    if (cpu->payer != NULL) {
        sched_charge_payer(cpu);
    }
}

#endif
