/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way (fast.h) for what programs do most: signals, protected calls, answers, waits, and a
 * VMM's injections and acknowledgements.
 */
#include "kernel/trap/fast.h"

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/message.h"
#include "kernel/ipc/notify.h"
#include "kernel/irq/route.h"
#include "kernel/trap/invoke.h"

/* Done, and who runs next is to be found the long way. */
#define OTHERS ((struct thread *)TRAP_FAST_LOCKED)

static struct thread *run(struct cpu *cpu, struct thread *next)
{
    fast_choose(cpu, next);
    switch_program(cpu, next);
    return next;
}

/* The guest whose registers are on the core goes on, if there is nothing that its VMM has to be
 * told first; or `refusal`. */
FAST_APART static struct thread *run_guest(struct cpu *cpu, struct thread *guest,
                                           struct thread *refusal)
{
    if (guest != (struct thread *)cpu->vcpu || cpu->vcpu->due != 0 || !fast_is_alone(cpu, guest) ||
        !fast_is_uncharged(guest)) {
        return refusal;
    }
    fast_choose(cpu, guest);
    switch_to_guest(cpu);
    return guest;
}

/* With another core: what the long way does, where nobody has the lock for all just now. This core
 * keeps its own, so that nobody looks at `pd` before all of its registers are saved. One who comes
 * to this core for the signal is left to the long way. */
FAST_APART static struct thread *signal_across(struct cpu *cpu, struct pd *pd, struct pd *target,
                                               uint64_t bit)
{
    if (target->desc->cpu == cpu->index || !smp_try_take_all(cpu)) {
        return NULL;
    }
    notify_signal(target, bit);
    smp_give_all_back(cpu);
    return &pd->thread;
}

FAST_APART static struct thread *call_across(struct cpu *cpu, struct thread *caller,
                                             struct pd *server, uint64_t badge)
{
    if (!smp_try_take_all(cpu)) {
        return NULL;
    }
    caller->message.info = caller->frame.x[1];
    caller->message.badge = badge;
    caller->message.is_fault = false;
    endpoint_send(caller, server);
    smp_give_all_back(cpu);
    return OTHERS;
}

/* Answers, and waits. */
FAST_APART static struct thread *reply_across(struct cpu *cpu, struct pd *pd)
{
    if (!smp_try_take_all(cpu)) {
        return NULL;
    }
    endpoint_reply(pd, pd->thread.frame.x[1]);
    endpoint_receive(pd);
    smp_give_all_back(cpu);
    return OTHERS;
}

static struct thread *signal(struct cpu *cpu, struct pd *pd, const struct image_channel *channel)
{
    struct pd *target = pd_at(channel->target);
    struct thread *thread = &target->thread;
    uint64_t bit = 1UL << channel->peer_id;

    if (!fast_is_here(cpu, thread)) {
        return signal_across(cpu, pd, target, bit);
    }
    if (thread->state != THREAD_RECEIVING) {
        target->notification |= bit;
        return &pd->thread;
    }
    if (!fast_is_preempting(cpu, &pd->thread, target)) {
        return NULL;
    }
    fast_notify(cpu, target, bit);
    return run(cpu, thread);
}

/* Of one whose program is at home: elsewhere is a passive one that serves a caller. */
static struct thread *acknowledge(const struct cpu *cpu, struct pd *pd, struct irq *irq)
{
    if (pd->desc->cpu != cpu->index) {
        return NULL;
    }
    route_ack(irq);
    return &pd->thread;
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
    return channel != NULL ? acknowledge(cpu, pd, route_irq(channel->target)) : NULL;
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
    server = pd_at(channel->target);
    if (!fast_is_here(cpu, &server->thread)) {
        return call_across(cpu, caller, server, ABI_BADGE_ENDPOINT | channel->peer_id);
    }
    is_passive = fast_is_passive(server);
    if (!fast_is_ready(cpu, server, is_passive)) {
        return NULL;
    }
    caller->message.badge = ABI_BADGE_ENDPOINT | channel->peer_id;
    caller->message.is_fault = false;
    caller->callee = server;
    message_copy(server->ipc_buffer, pd->ipc_buffer, words);
    fast_deliver(caller, server, info, is_passive);
    return run(cpu, &server->thread);
}

static void answer(struct pd *caller, const struct pd *server)
{
    uint64_t info = server->thread.frame.x[1];
    uint64_t words = message_words(info);

    caller->thread.frame.x[1] = ABI_MSGINFO(ABI_MSGINFO_LABEL(info), words);
    message_copy(caller->ipc_buffer, server->ipc_buffer, words);
}

/* Of these, the answer changes registers. */
static bool is_answer_plain(const struct thread_message *message)
{
    uint64_t fault = ABI_MSGINFO_LABEL(message->info);

    return fault != ABI_FAULT_UNKNOWN_SYSCALL && fault != ABI_FAULT_USER_EXCEPTION;
}

/* Answers a vCPU's fault, and waits. */
static struct thread *reply_guest(struct cpu *cpu, struct pd *pd)
{
    struct thread *guest = pd->reply_to;

    if (!is_answer_plain(&guest->message) || run_guest(cpu, guest, NULL) == NULL) {
        return NULL;
    }
    guest->peer = NULL;
    pd->reply_to = NULL;
    pd->thread.state = THREAD_RECEIVING;
    return guest;
}

/* Answers a caller or a child's fault, and waits. */
static struct thread *reply(struct cpu *cpu, struct pd *pd)
{
    struct thread *thread = pd->reply_to;

    if (thread == NULL) {
        return NULL;
    }
    if (!fast_is_here(cpu, thread)) {
        return reply_across(cpu, pd);
    }
    if (thread->kind != THREAD_PD) {
        return reply_guest(cpu, pd);
    }
    if (!fast_is_alone(cpu, thread) || !fast_is_uncharged(thread)) {
        return NULL;
    }
    if (!thread->message.is_fault) {
        answer(pd_from_thread(thread), pd);
    } else if (!is_answer_plain(&thread->message)) {
        return NULL;
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
        if (!fast_runs_on_own_budget(pd)) {
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
    if (next == NULL) {
        return OTHERS;
    }
    if (next->kind != THREAD_PD) {
        return run_guest(cpu, next, OTHERS);
    }
    return fast_is_alone(cpu, next) && fast_is_uncharged(next) ? run(cpu, next) : OTHERS;
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

/* What a VMM asks of its guest, whose registers are on this core. A guest that sleeps would have to
 * be queued. */
FAST_APART static struct thread *serve_vmm(const struct cpu *cpu, struct pd *pd)
{
    uint64_t *x = pd->thread.frame.x;
    bool is_injection = x[7] == ABI_SYS_VCPU_INJECT_IRQ;
    struct vcpu *vcpu;

    if (!is_injection && x[7] != ABI_SYS_VCPU_ACK_VPPI) {
        return NULL;
    }
    vcpu = cap_vcpu(pd, x[0]);
    if (vcpu == NULL || vcpu != cpu->vcpu || vcpu->thread.state == THREAD_IDLE) {
        return NULL;
    }
    /* An LPI is made pending by the ITS, which all cores share. */
    if (is_injection && vcpu->is_direct && route_lookup((uint32_t)x[1] + ABI_FIRST_LPI) != NULL) {
        return NULL;
    }
    x[0] = is_injection ? invoke_inject_irq(vcpu, x) : invoke_ack_vppi(vcpu, x);
    return &pd->thread;
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
    if (number == ABI_SYS_CALL) {
        return call(cpu, pd);
    }
    return serve_vmm(cpu, pd);
}

struct thread *trap_fast(struct thread *current)
{
    struct cpu *cpu = cpu_local();
    struct thread *next;

    if (cpu->quick != current || (cpu->has_peers && !fast_try_enter(cpu, current))) {
        return NULL;
    }
    next = dispatch(cpu, pd_from_thread(current));
    if (cpu->has_peers && next != OTHERS) {
        return fast_leave(current, next);
    }
    return next;
}

struct thread *trap_finish(struct thread *current)
{
    (void)current;
    return trap_exit(cpu_local());
}
