/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the short ways through the kernel have in common: fast.c for system calls, fast_guest.c for
 * a guest's interrupts, fast_fault.c for aborts. Each does exactly what the long way does
 * (syscall.c, interrupt.c, vcpu/exit.c), in the cases that it knows; in all others it changes
 * nothing, and the long way is taken. tests/unit/kernel/trap/fast_test.c holds the two side by
 * side.
 *
 * They are short because a C function's own registers are saved only if the thread is left; because
 * nothing is charged or armed: budgets are unlimited and nobody shares the next thread's priority,
 * nor the current one's (struct cpu.quick); and because who runs next is known.
 *
 * With several cores they have their core's lock alone (smp/lock.h): of a thread that is on another
 * core nothing may be looked at but where it is. Signals, calls and answers from one core to
 * another take the lock for all besides, for as long as the long way's own functions need, if it is
 * free.
 */
#ifndef SLUICE_KERNEL_TRAP_FAST_H
#define SLUICE_KERNEL_TRAP_FAST_H

#include <stddef.h>

#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

/* A function of its own, so that its caller does not save registers for it. */
#define FAST_APART __attribute__((noinline))

/* Neither time nor an error. */
static inline bool fast_is_uncharged(const struct thread *thread)
{
    return thread->error == 0 && !thread->payer->is_counted;
}

static inline bool fast_is_here(const struct cpu *cpu, const struct thread *thread)
{
    return thread->cpu == cpu->index;
}

/* Whether it precedes all that are not chosen, so that no turn has to be timed. */
static inline bool fast_is_alone(const struct cpu *cpu, const struct thread *thread)
{
    return thread->priority > cpu->top;
}

static inline bool fast_runs_on_own_budget(const struct pd *pd)
{
    return pd->thread.payer == &pd->thread.own;
}

static inline bool fast_is_passive(const struct pd *pd)
{
    return (pd->desc->flags & IMAGE_PD_PASSIVE) != 0;
}

/* It waits, and preempts `current` when it is notified. */
static inline bool fast_is_preempting(const struct cpu *cpu, const struct thread *current,
                                      const struct pd *pd)
{
    return fast_is_here(cpu, &pd->thread) && pd->thread.state == THREAD_RECEIVING &&
           pd->thread.priority > current->priority && fast_runs_on_own_budget(pd) &&
           fast_is_uncharged(&pd->thread);
}

/* A server waits for calls or faults, and may run at once on this budget: its own, or a passive one
 * its caller's. */
static inline bool fast_is_ready(const struct cpu *cpu, const struct pd *server, bool is_passive)
{
    return fast_is_here(cpu, &server->thread) && server->thread.state == THREAD_RECEIVING &&
           server->reply_to == NULL && fast_is_alone(cpu, &server->thread) &&
           (is_passive ? server->thread.error == 0 : fast_is_uncharged(&server->thread));
}

/* The notification is the PD's, which preempts whom is chosen. */
static inline void fast_notify(struct cpu *cpu, struct pd *pd, uint64_t bit)
{
    pd->thread.frame.x[0] = bit;
    pd->thread.frame.x[1] = 0;
    sched_preempt(cpu, &pd->thread);
}

/* A message of `sender` with this info is the server's, who owes it an answer. */
static inline void fast_deliver(struct thread *sender, struct pd *server, uint64_t info,
                                bool is_passive)
{
    sender->message.info = info;
    sender->peer = server;
    sender->state = THREAD_REPLY;
    if (is_passive) {
        server->thread.payer = sender->payer;
    }
    server->thread.frame.x[0] = sender->message.badge;
    server->thread.frame.x[1] = info;
    server->reply_to = sender;
}

/* The same for a fault; its words are the caller's to set, in the message and in the server's. */
static inline void fast_deliver_fault(struct thread *thread, uint64_t label, uint64_t words)
{
    struct pd *server = thread->handler;

    thread->message.badge = thread->fault_badge;
    thread->message.is_fault = true;
    fast_deliver(thread, server, ABI_MSGINFO(label, words), fast_is_passive(server));
}

/* From now on the core's; who it was is switched from next. */
static inline void fast_choose(struct cpu *cpu, struct thread *next)
{
    next->state = THREAD_RUNNABLE;
    cpu->chosen = next;
    cpu->quick = next;
}

/* On one of several cores: its lock, unless another core has just chosen someone else for this one.
 */
static inline bool fast_try_enter(struct cpu *cpu, const struct thread *current)
{
    if (!smp_try_enter(cpu)) {
        return false;
    }
    if (cpu->chosen != current) {
        smp_leave_quickly();
        return false;
    }
    return true;
}

/* The lock stays until the registers of who no longer runs can be seen. */
static inline struct thread *fast_leave(struct thread *current, struct thread *next)
{
    if (next == NULL || next == current) {
        smp_leave_quickly();
        return next;
    }
    return (struct thread *)((uintptr_t)next | TRAP_FAST_LOCKED);
}

#endif
