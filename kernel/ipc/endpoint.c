/* SPDX-License-Identifier: BSD-2-Clause */
/* See endpoint.h. Owns the sender queues and reply rights in struct pd. */
#include "kernel/ipc/endpoint.h"

#include <stddef.h>

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/message.h"
#include "kernel/ipc/notify.h"
#include "kernel/lib/log.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"

static struct pd *as_pd(struct thread *thread)
{
    assert(thread->kind == THREAD_PD);
    return pd_from_thread(thread);
}

static inline void hand_over(struct pd *pd, struct thread *sender)
{
    const struct thread_message *message = &sender->message;
    const uint64_t *words = message->is_fault ? message->words : as_pd(sender)->ipc_buffer;

    message_copy(pd->ipc_buffer, words, message_words(message->info));
    pd->thread.frame.x[0] = message->badge;
    pd->thread.frame.x[1] = message->info & ~MESSAGE_ONE_WAY;
}

static inline void deliver(struct pd *pd, struct thread *sender)
{
    hand_over(pd, sender);
    if ((sender->message.info & MESSAGE_ONE_WAY) != 0) {
        notify_come_home(pd);
        sched_add(sender);
        return;
    }
    if (pd->reply_to != NULL) {
        pd->reply_to->peer = NULL; /* never answered: it stays blocked until it is restarted */
    }
    pd->reply_to = sender;
    if ((pd->desc->flags & IMAGE_PD_PASSIVE) != 0) {
        pd->thread.payer = sender->payer;
        sched_move(&pd->thread, sender->cpu);
    }
    sender->state = THREAD_REPLY;
    sender->peer = pd;
}

static void enqueue(struct pd *pd, struct thread *sender)
{
    struct list_node *position = pd->senders.next;

    while (position != &pd->senders &&
           list_entry(position, struct thread, link)->priority >= sender->priority) {
        position = position->next;
    }
    list_insert_before(position, &sender->link);
    sender->peer = pd;
}

/* `sender`, in no queue, has its message ready. */
static void post(struct thread *sender, struct pd *to)
{
    sender->state = THREAD_SENDING;
    if (to->thread.state == THREAD_RECEIVING) {
        deliver(to, sender);
        sched_add(&to->thread);
    } else {
        enqueue(to, sender);
    }
}

void endpoint_send(struct thread *sender, struct pd *to)
{
    if (!sender->message.is_fault) {
        sender->message.info = message_clean_info(sender->message.info);
        sender->callee = to;
    }
    sched_remove(sender, THREAD_SENDING);
    post(sender, to);
}

bool endpoint_offer(struct thread *sender, struct pd *to)
{
    if (to->thread.state != THREAD_RECEIVING) {
        return false;
    }
    sender->message.info = message_clean_info(sender->message.info);
    hand_over(to, sender);
    notify_come_home(to);
    sched_add(&to->thread);
    return true;
}

void endpoint_send_one_way(struct thread *sender, struct pd *to)
{
    if (endpoint_offer(sender, to)) {
        return;
    }
    sender->message.info = message_clean_info(sender->message.info) | MESSAGE_ONE_WAY;
    sender->callee = to;
    sched_remove(sender, THREAD_SENDING);
    enqueue(to, sender);
}

bool endpoint_poll(struct pd *pd)
{
    struct thread *sender;

    if (pd->notification != 0) {
        notify_take(pd);
        return true;
    }
    if (list_is_empty(&pd->senders)) {
        return false;
    }
    sender = list_entry(pd->senders.next, struct thread, link);
    list_remove(&sender->link);
    deliver(pd, sender);
    return true;
}

void endpoint_set_priority(struct thread *thread, uint8_t priority)
{
    if (thread->state == THREAD_SENDING) {
        list_remove(&thread->link);
        thread->priority = priority;
        enqueue(thread->peer, thread);
    } else {
        sched_set_priority(thread, priority);
    }
}

void endpoint_receive(struct pd *pd)
{
    if (!endpoint_poll(pd)) {
        sched_remove(&pd->thread, THREAD_RECEIVING);
    }
}

/* The first message registers of an answer to these two faults go back into the registers, in
 * the order in which the fault message had them. */
static void write_back(struct thread *thread, const uint64_t *words, uint64_t count)
{
    struct arch_frame *frame = &thread->frame;
    uint64_t spsr = frame->spsr;
    bool is_syscall = ABI_MSGINFO_LABEL(thread->message.info) == ABI_FAULT_UNKNOWN_SYSCALL;
    uint64_t *const syscall_registers[] = {
        &frame->x[0], &frame->x[1], &frame->x[2], &frame->x[3], &frame->x[4],  &frame->x[5],
        &frame->x[6], &frame->x[7], &frame->pc,   &frame->sp,   &frame->x[30], &spsr,
    };
    uint64_t *const exception_registers[] = {&frame->pc, &frame->sp, &spsr};
    uint64_t *const *registers = is_syscall ? syscall_registers : exception_registers;
    uint64_t limit = is_syscall ? sizeof(syscall_registers) / sizeof(syscall_registers[0])
                                : sizeof(exception_registers) / sizeof(exception_registers[0]);

    for (uint64_t i = 0; i < count && i < limit; i++) {
        *registers[i] = words[i];
    }
    frame->spsr = thread_safe_spsr(thread, spsr);
}

/* Whether the thread goes on after this answer to its fault. */
static bool answer_fault(struct thread *thread, const uint64_t *words, uint64_t info)
{
    uint64_t fault = ABI_MSGINFO_LABEL(thread->message.info);

    if (fault != ABI_FAULT_UNKNOWN_SYSCALL && fault != ABI_FAULT_USER_EXCEPTION) {
        return true;
    }
    write_back(thread, words, message_words(info));
    return ABI_MSGINFO_LABEL(info) == 0;
}

void endpoint_reply(struct pd *pd, uint64_t info)
{
    struct thread *thread = pd->reply_to;

    if (thread == NULL) {
        return;
    }
    pd->reply_to = NULL;
    thread->peer = NULL;
    if (thread->message.is_fault) {
        if (!answer_fault(thread, pd->ipc_buffer, info)) {
            thread->state = THREAD_STOPPED;
            return;
        }
    } else {
        message_copy(as_pd(thread)->ipc_buffer, pd->ipc_buffer, message_words(info));
        thread->frame.x[1] = message_clean_info(info);
    }
    sched_add(thread);
}

/* What the thread, blocked, was doing: does it again when it is resumed. */
static enum thread_resume undo_message(struct thread *thread)
{
    return thread->message.is_fault ? THREAD_RESUME_RUN : THREAD_RESUME_CALL;
}

void endpoint_suspend(struct thread *thread)
{
    switch (thread->state) {
    case THREAD_RUNNABLE:
        sched_stop(thread);
        thread->resume = THREAD_RESUME_RUN;
        break;
    case THREAD_RECEIVING:
        thread->resume = THREAD_RESUME_RECEIVE;
        break;
    case THREAD_SENDING:
        list_remove(&thread->link);
        thread->resume = undo_message(thread);
        break;
    case THREAD_REPLY:
        if (thread->peer != NULL) {
            thread->peer->reply_to = NULL;
        }
        thread->resume = undo_message(thread);
        break;
    case THREAD_IDLE:
    case THREAD_DEPLETED:
        timer_stop(&thread->wake);
        thread->resume = THREAD_RESUME_RUN;
        break;
    case THREAD_STOPPED:
        return;
    }
    thread->state = THREAD_STOPPED;
}

void endpoint_resume(struct thread *thread)
{
    enum thread_resume resume;

    if (thread->state == THREAD_RUNNABLE || thread->state == THREAD_DEPLETED) {
        return;
    }
    endpoint_suspend(thread);
    resume = thread->resume;
    thread->resume = THREAD_RESUME_RUN;
    if (resume == THREAD_RESUME_CALL) {
        post(thread, thread->callee);
    } else if (resume == THREAD_RESUME_RUN || endpoint_poll(as_pd(thread))) {
        sched_add(thread);
    } else {
        thread->state = THREAD_RECEIVING;
    }
}
