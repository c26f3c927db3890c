/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way for what programs do most: signals, protected calls, answers, waits. Each function
 * does exactly what syscall.c does, in the cases that it knows; in all others it changes nothing,
 * and the call is made the long way. tests/unit/kernel/trap/fast_test.c holds the two side by side.
 *
 * It is short because a C function's own registers are saved only if the program is left; because
 * nothing is charged or armed: budgets are unlimited and nobody shares the next thread's priority;
 * and because who runs next is known.
 */
#include <stddef.h>

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/message.h"
#include "kernel/irq/route.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

/* Done, and who runs next is to be found the long way. */
#define OTHERS ((struct thread *)TRAP_FAST_LOCKED)

static bool is_unlimited(const struct thread *thread)
{
    return !budget_is_limited(thread->payer);
}

static bool is_here(const struct cpu *cpu, const struct thread *thread)
{
    return thread->cpu == cpu->index;
}

/* Whether it precedes all that are not chosen, so that no turn has to be timed. */
static bool is_alone(const struct cpu *cpu, const struct thread *thread)
{
    return thread->priority > cpu->top;
}

static bool runs_on_own_budget(const struct pd *pd)
{
    return pd->thread.payer == &pd->thread.own;
}

static struct thread *run(struct cpu *cpu, struct thread *next)
{
    next->state = THREAD_RUNNABLE;
    next->slice_end = 0;
    cpu->chosen = next;
    cpu->quick = next;
    switch_program(cpu, next);
    return next;
}

static struct thread *signal(struct cpu *cpu, struct pd *pd, const struct image_channel *channel)
{
    struct pd *target = &pds[channel->target];
    struct thread *thread = &target->thread;
    uint64_t bit = 1UL << channel->peer_id;

    if (thread->state != THREAD_RECEIVING) {
        target->notification |= bit;
        return &pd->thread;
    }
    if (thread->priority <= pd->thread.priority || !is_here(cpu, thread) ||
        !runs_on_own_budget(target) || !is_unlimited(thread)) {
        return NULL;
    }
    thread->frame.x[0] = bit;
    thread->frame.x[1] = 0;
    sched_preempt(cpu, thread);
    return run(cpu, thread);
}

static struct thread *send(struct cpu *cpu, struct pd *pd)
{
    uint64_t cap = pd->thread.frame.x[0];
    const struct image_channel *channel;

    channel = cap_channel(pd, cap, ABI_CAP_NOTIFICATION, IMAGE_CHANNEL_PD);
    if (channel != NULL && (channel->rights & IMAGE_CHANNEL_NOTIFY) != 0) {
        return signal(cpu, pd, channel);
    }
    channel = cap_channel(pd, cap, ABI_CAP_IRQ, IMAGE_CHANNEL_IRQ);
    if (channel != NULL) {
        route_ack(route_irq(channel->target));
        return &pd->thread;
    }
    return NULL;
}

/* A server waits for calls, and may run at once on this budget: its own, or a passive one its
 * caller's. */
static bool is_ready(const struct cpu *cpu, const struct pd *server, bool is_passive)
{
    return server->thread.state == THREAD_RECEIVING && server->reply_to == NULL &&
           is_here(cpu, &server->thread) && is_alone(cpu, &server->thread) &&
           (is_passive || is_unlimited(&server->thread));
}

static struct thread *call(struct cpu *cpu, struct pd *pd)
{
    struct thread *caller = &pd->thread;
    uint64_t words = message_words(caller->frame.x[1]);
    uint64_t info = ABI_MSGINFO(ABI_MSGINFO_LABEL(caller->frame.x[1]), words);
    const struct image_channel *channel;
    struct pd *server;
    bool is_passive;

    channel = cap_channel(pd, caller->frame.x[0], ABI_CAP_ENDPOINT, IMAGE_CHANNEL_PD);
    if (channel == NULL || (channel->rights & IMAGE_CHANNEL_CALL) == 0) {
        return NULL;
    }
    server = &pds[channel->target];
    is_passive = (server->desc->flags & IMAGE_PD_PASSIVE) != 0;
    if (!is_ready(cpu, server, is_passive)) {
        return NULL;
    }
    caller->message.info = info;
    caller->message.badge = ABI_BADGE_ENDPOINT | channel->peer_id;
    caller->message.is_fault = false;
    caller->callee = server;
    caller->peer = server;
    caller->state = THREAD_REPLY;
    if (is_passive) {
        server->thread.payer = caller->payer;
    }
    message_copy(server->ipc_buffer, pd->ipc_buffer, words);
    server->thread.frame.x[0] = caller->message.badge;
    server->thread.frame.x[1] = info;
    server->reply_to = caller;
    return run(cpu, &server->thread);
}

static void answer(struct pd *caller, const struct pd *server)
{
    uint64_t info = server->thread.frame.x[1];
    uint64_t words = message_words(info);

    caller->thread.frame.x[1] = ABI_MSGINFO(ABI_MSGINFO_LABEL(info), words);
    message_copy(caller->ipc_buffer, server->ipc_buffer, words);
}

/* Answers a caller or a child's fault, and waits. */
static struct thread *reply(struct cpu *cpu, struct pd *pd)
{
    struct thread *thread = pd->reply_to;
    uint64_t fault;

    if (thread == NULL || thread->kind != THREAD_PD || !is_here(cpu, thread) ||
        !is_alone(cpu, thread) || !is_unlimited(thread)) {
        return NULL;
    }
    if (thread->message.is_fault) {
        fault = ABI_MSGINFO_LABEL(thread->message.info);
        if (fault == ABI_FAULT_UNKNOWN_SYSCALL || fault == ABI_FAULT_USER_EXCEPTION) {
            return NULL; /* these change registers */
        }
    } else {
        answer(pd_from_thread(thread), pd);
    }
    thread->peer = NULL;
    pd->reply_to = NULL;
    pd->thread.state = THREAD_RECEIVING;
    return run(cpu, thread);
}

/* Takes the notification word, or waits; whoever is first in the queues then runs. */
static struct thread *receive(struct cpu *cpu, struct pd *pd)
{
    struct thread *next;

    if (pd->notification != 0) {
        if (!runs_on_own_budget(pd)) {
            return NULL;
        }
        pd->thread.frame.x[0] = pd->notification;
        pd->thread.frame.x[1] = 0;
        pd->notification = 0;
        return &pd->thread;
    }
    pd->thread.state = THREAD_RECEIVING;
    cpu->chosen = NULL;
    next = sched_choose(cpu);
    if (next != NULL && next->kind == THREAD_PD && is_alone(cpu, next) && is_unlimited(next)) {
        return run(cpu, next);
    }
    return OTHERS;
}

static struct thread *reply_receive(struct cpu *cpu, struct pd *pd)
{
    const uint64_t *x = pd->thread.frame.x;

    if (x[2] != 0 || !list_is_empty(&pd->senders)) {
        return NULL;
    }
    if ((x[0] & ABI_RECV_REPLY) == 0) {
        return receive(cpu, pd);
    }
    return pd->notification == 0 ? reply(cpu, pd) : NULL;
}

static struct thread *dispatch(struct cpu *cpu, struct pd *pd)
{
    uint64_t number = pd->thread.frame.x[7];

    if (number == ABI_SYS_REPLY_RECV) {
        return reply_receive(cpu, pd);
    }
    if (number == ABI_SYS_SEND) {
        return send(cpu, pd);
    }
    return number == ABI_SYS_CALL ? call(cpu, pd) : NULL;
}

/* On one of several cores. Not if another core has just chosen someone else for this one. */
static bool try_enter(const struct cpu *cpu, const struct thread *current)
{
    if (!smp_try_enter()) {
        return false;
    }
    if (cpu->chosen != current) {
        smp_leave_quickly();
        return false;
    }
    return true;
}

/* The lock stays until the registers of who no longer runs can be seen. */
static struct thread *leave(struct thread *current, struct thread *next)
{
    if (next == NULL || next == current) {
        smp_leave_quickly();
        return next;
    }
    return (struct thread *)((uintptr_t)next | TRAP_FAST_LOCKED);
}

struct thread *trap_fast(struct thread *current)
{
    struct cpu *cpu = cpu_local();
    struct thread *next;

    if (cpu->quick != current || (cpu->has_peers && !try_enter(cpu, current))) {
        return NULL;
    }
    next = dispatch(cpu, pd_from_thread(current));
    if (cpu->has_peers && next != OTHERS) {
        return leave(current, next);
    }
    return next;
}

struct thread *trap_finish(struct thread *current)
{
    (void)current;
    return trap_exit(cpu_local());
}
