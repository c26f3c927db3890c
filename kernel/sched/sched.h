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
/* The counter value at which `thread`, now chosen, must stop: its slice is over and a peer waits,
 * or its budget is used up; TIMER_NEVER: no such time. */
uint64_t sched_deadline(struct cpu *cpu, struct thread *thread);
/* A passive server goes to its caller's core, and for notifications to its own. It runs on this
 * core just now, or nowhere. */
void sched_move(struct thread *thread, unsigned int index);
/* From now on `thread` runs on another's budget, or on its own again. */
void sched_set_payer(struct thread *thread, struct budget *payer);
/* For sched_account(). */
void sched_charge(struct cpu *cpu, struct thread *thread);
/* The core's current thread pays for the time since it last did. To be called before the core
 * chooses; costs nothing unless its budget is limited. */
static inline void sched_account(struct cpu *cpu)
{
    if (cpu->current != NULL && budget_is_limited(cpu->current->payer)) {
        sched_charge(cpu, cpu->current);
    }
}
/* The core's timer has fired at `now`: a slice that is over sends its thread to the tail. */
void sched_tick(struct cpu *cpu, uint64_t now);

#endif
