/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each program should have of others: calls, faults, messages that nobody answers, and
 * signals. What is received is what was sent; who calls goes on with the answer, and who sends when
 * somebody has received.
 */
#include "tests/model/gic.h"

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/message.h"
#include "kernel/ipc/notify.h"
#include "kernel/trap/trap.h"

/* What its channels to interrupts and to the debug console may bring besides. */
static uint64_t bits_of_devices(const struct pd *pd)
{
    uint64_t bits = 1UL << (MODEL_CHANNELS + MODEL_IRQS);

    for (unsigned int i = 0; i < model_irq_count; i++) {
        if (&pds[model_irqs[i].pd] == pd) {
            bits |= 1UL << model_irqs[i].channel;
        }
    }
    return bits;
}

/* Whose message without an answer it received: the name of its channel is the index of the PD at
 * the other end. */
static void check_one_way(struct pd *pd, uint64_t badge, uint64_t info)
{
    uint64_t id = badge & ABI_BADGE_ID;
    uint64_t heard = ghost_of(&pd->thread)->heard;

    require(badge == (ABI_BADGE_ENDPOINT | id) && id < pd_count,
            "%s received a message with badge %lx, which nobody sends", pd->thread.name, badge);
    require(here->index == pd->desc->cpu && pd->thread.payer == &pd->thread.own,
            "%s received what nobody waits for on another's core or time", pd->thread.name);
    require(pd->reply_to != &pds[id].thread, "%s may answer %s, which does not wait",
            pd->thread.name, pds[id].thread.name);
    require(message_words(info) == 0 || pd->ipc_buffer[0] == heard,
            "%s received %lx, and %s said %lx", pd->thread.name, pd->ipc_buffer[0],
            pds[id].thread.name, heard);
}

/* A call or fault that it received is what was sent. */
static void check_message(struct pd *pd, uint64_t badge, uint64_t info)
{
    const uint64_t *words = pd->ipc_buffer;
    uint64_t id = badge & ABI_BADGE_ID;
    uint64_t label = ABI_MSGINFO_LABEL(info);
    const struct thread *sender = pd->reply_to;
    const struct ghost *ghost;

    require(info == message_clean_info(info), "%s received info %lx", pd->thread.name, info);
    if (ghost_of(&pd->thread)->is_one_way) {
        check_one_way(pd, badge, info);
        return;
    }
    if (sender == NULL || !ghost_of(sender)->is_known || ghost_of(sender)->is_moved) {
        return; /* suspended or written since */
    }
    ghost = ghost_of(sender);
    if ((pd->desc->flags & IMAGE_PD_PASSIVE) != 0) {
        require(here->index == sender->cpu && pd->thread.payer == sender->payer,
                "%s serves %s on another's core or time", pd->thread.name, sender->name);
    }
    if ((badge & ABI_BADGE_FAULT) == 0) {
        require(thread_index(sender) == id, "%s received a call of %s, which %s made",
                pd->thread.name, pds[id].thread.name, sender->name);
        require(message_words(info) == 0 || words[0] == ghost->sent,
                "%s received %lx, and %s sent %lx", pd->thread.name, words[0], sender->name,
                ghost->sent);
    } else if (label == ABI_FAULT_VGIC_MAINTENANCE) {
        struct ghost *guest = ghost_of(sender);

        require(guest->injected[words[0]] != 0, "%s is told twice that %lu of %s has ended",
                pd->thread.name, words[0], sender->name);
        guest->injected[words[0]]--;
    } else if (label == ABI_FAULT_VM || label == ABI_FAULT_UNKNOWN_SYSCALL) {
        uint64_t pc = words[label == ABI_FAULT_VM ? ABI_VM_FAULT_IP : ABI_UNKNOWN_SYSCALL_IP];

        require(pc == ghost->frame.pc, "%s received that %s is at %lx, and it is at %lx",
                pd->thread.name, sender->name, pc, ghost->frame.pc);
    }
}

/* Its protected call has returned. */
static void take_answer(const struct pd *pd, struct ghost *ghost)
{
    ghost->in_call = false;
    require(ghost->is_answered, "%s goes on without an answer", pd->thread.name);
    require(here->live.x[1] == message_clean_info(ghost->answer_info),
            "%s was answered with info %lx, and got %lx", pd->thread.name, ghost->answer_info,
            here->live.x[1]);
    require(message_words(ghost->answer_info) == 0 || pd->ipc_buffer[0] == ghost->answer,
            "%s was answered with %lx, and got %lx", pd->thread.name, ghost->answer,
            pd->ipc_buffer[0]);
}

/* It has received. */
static void take_event(struct pd *pd, struct ghost *ghost)
{
    uint64_t badge = here->live.x[0];

    ghost->in_receive = false;
    ghost->has_event = badge != 0;
    ghost->stage = 0;
    ghost->badge = badge;
    ghost->info = here->live.x[1];
    if (badge == 0) {
        require(ghost->may_find_nothing && ghost->info == 0, "%s received nothing",
                pd->thread.name);
        return;
    }
    if ((badge & ABI_BADGE_ENDPOINT) != 0) {
        ghost->owes_reply = true;
        check_message(pd, badge, ghost->info);
        return;
    }
    require(here->index == pd->desc->cpu && pd->thread.payer == &pd->thread.own,
            "%s received signals on another's core or time", pd->thread.name);
    require((badge & ~(ghost->owed | bits_of_devices(pd))) == 0,
            "%s received signals %lx, and was sent %lx", pd->thread.name, badge, ghost->owed);
    for (unsigned int i = 0; i < MODEL_CHANNELS; i++) {
        ghost->received[i] += (badge >> i & 1) != 0;
        require(ghost->received[i] <= ghost->sent_to[i], "%s received a signal twice",
                pd->thread.name);
    }
    ghost->owed &= ~badge | pd->notification; /* some may have been signalled again */
}

static void signalled(struct pd *pd, uint64_t cap)
{
    const struct image_channel *channel =
        cap_channel(pd, cap, ABI_CAP_NOTIFICATION, IMAGE_CHANNEL_PD);

    if (channel != NULL && (channel->rights & IMAGE_CHANNEL_NOTIFY) != 0) {
        ghost_of(&pds[channel->target].thread)->owed |= 1UL << channel->peer_id;
        ghost_of(&pds[channel->target].thread)->sent_to[channel->peer_id]++;
    }
}

/* The answer to a fault whose message had registers. */
static void answered(struct thread *thread, const uint64_t *words, uint64_t info)
{
    uint64_t fault = ABI_MSGINFO_LABEL(thread->message.info);
    uint64_t count = message_words(info);
    struct ghost *ghost = ghost_of(thread);

    for (uint64_t i = 0; i < count; i++) {
        if (fault == ABI_FAULT_USER_EXCEPTION) {
            if (i < 2) {
                *(i == 0 ? &ghost->frame.pc : &ghost->frame.sp) = words[i];
            }
        } else if (i < 8) {
            ghost->frame.x[i] = words[i];
        } else if (i < 11) {
            *(i == 8   ? &ghost->frame.pc
              : i == 9 ? &ghost->frame.sp
                       : &ghost->frame.x[30]) = words[i];
        }
    }
}

void messages_arrive(struct thread *thread, struct ghost *ghost)
{
    require(!ghost->in_send, "%s goes on, and nobody has received what it sent", thread->name);
    if (ghost->in_receive) {
        take_event(pd_from_thread(thread), ghost);
    }
    if (ghost->in_call) {
        take_answer(pd_from_thread(thread), ghost);
    }
}

bool messages_receives(uint64_t number)
{
    return number == ABI_SYS_REPLY_RECV || number == ABI_SYS_RECEIVE;
}

static void hear(const struct pd *pd, uint64_t word)
{
    ghost_of(&pd->thread)->is_one_way = true;
    ghost_of(&pd->thread)->heard = word;
}

/* Signals come to who has its own time, and so do messages that nobody waits for an answer to. */
void __real_notify_come_home(struct pd *pd);
void __wrap_notify_come_home(struct pd *pd);
void __wrap_notify_come_home(struct pd *pd)
{
    uint64_t badge = pd->thread.frame.x[0];

    if ((badge & ABI_BADGE_ENDPOINT) != 0) {
        struct ghost *sender = ghost_of(&pds[badge & ABI_BADGE_ID].thread);

        if (sender->in_send) {
            hear(pd, sender->said);
        }
        sender->in_send = false;
    }
    __real_notify_come_home(pd);
}

/* The answer that the program has ready, to whoever waits for it. */
static void answer(const struct pd *pd, uint64_t info, struct thread *answers)
{
    uint64_t fault;

    if (answers == NULL) {
        return;
    }
    if (!answers->message.is_fault) {
        struct ghost *caller = ghost_of(answers);

        caller->is_answered = true;
        caller->answer = pd->ipc_buffer[0];
        caller->answer_info = info;
        return;
    }
    fault = ABI_MSGINFO_LABEL(answers->message.info);
    if (fault == ABI_FAULT_UNKNOWN_SYSCALL || fault == ABI_FAULT_USER_EXCEPTION) {
        answered(answers, pd->ipc_buffer, info);
    }
}

/* What SEND_MESSAGE does, and RECEIVE first. */
static void say(struct pd *pd, uint64_t cap, uint64_t info, bool blocks, struct thread *answers)
{
    const struct image_channel *channel = cap_channel(pd, cap, ABI_CAP_ENDPOINT, IMAGE_CHANNEL_PD);

    if (cap == ABI_CAP_REPLY) {
        answer(pd, info, answers);
        ghost_of(&pd->thread)->owes_reply = false;
    } else if (channel == NULL) {
        signalled(pd, cap);
    } else if ((channel->rights & IMAGE_CHANNEL_CALL) != 0 &&
               (blocks || pds[channel->target].thread.state == THREAD_RECEIVING)) {
        bool is_said = pds[channel->target].thread.state == THREAD_RECEIVING;

        ghost_of(&pd->thread)->said = pd->ipc_buffer[0];
        ghost_of(&pd->thread)->in_send = !is_said;
        if (is_said) {
            hear(&pds[channel->target], pd->ipc_buffer[0]);
        }
    }
}

static void begin_receive(struct ghost *ghost, bool may_find_nothing)
{
    ghost->in_receive = true;
    ghost->may_have_received = true;
    ghost->may_find_nothing = may_find_nothing;
    ghost->is_one_way = false;
    ghost->has_event = false;
}

static void before_receive(struct pd *pd, const uint64_t *argument, struct thread *answers)
{
    bool answers_calls = (argument[0] & ABI_ANSWERS) != 0;

    if (argument[3] != ABI_CAP_INPUT || (answers_calls && argument[4] != ABI_CAP_REPLY)) {
        return; /* a fault */
    }
    if (argument[2] != 0) {
        say(pd, argument[2], argument[1], false, answers);
    }
    begin_receive(ghost_of(&pd->thread), (argument[0] & ABI_NONBLOCKING) != 0);
}

void messages_before(struct pd *pd, uint64_t number, const uint64_t *argument,
                     struct thread *answers)
{
    struct ghost *ghost = ghost_of(&pd->thread);

    switch (number) {
    case ABI_SYS_SEND:
        signalled(pd, argument[0]);
        break;
    case ABI_SYS_CALL:
        ghost->in_call = cap_channel(pd, argument[0], ABI_CAP_ENDPOINT, IMAGE_CHANNEL_PD) != NULL;
        ghost->is_answered = false;
        ghost->sent = pd->ipc_buffer[0];
        break;
    case ABI_SYS_SEND_MESSAGE:
        say(pd, argument[0], argument[1], (argument[2] & ABI_NONBLOCKING) == 0, answers);
        break;
    case ABI_SYS_RECEIVE:
        before_receive(pd, argument, answers);
        break;
    case ABI_SYS_REPLY_RECV:
        if ((argument[0] & ABI_RECV_REPLY) != 0) {
            answer(pd, argument[1], answers);
        }
        signalled(pd, argument[2]);
        begin_receive(ghost, false);
        ghost->owes_reply = false;
        break;
    default:
        break;
    }
}
