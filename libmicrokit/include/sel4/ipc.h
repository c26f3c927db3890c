/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages and signals, as seL4's MCS kernels have them. A Microkit program receives from one
 * capability, 1: notifications of its channels, protected calls, faults of its children; and
 * answers whom it received from last through another, 4. libmicrokit's event loop does so for it.
 * Others are BASE_OUTPUT_NOTIFICATION_CAP, BASE_ENDPOINT_CAP and BASE_IRQ_CAP + channel.
 *
 * A badge has bit 63 set for a call or a fault, bit 62 for a fault; the low six bits say from whom.
 * Otherwise it is the notification word, a bit a channel, and the message info is 0.
 *
 * The calls with a message wait until somebody receives it, NB... ones give it up if nobody waits
 * for it just then. Who sends to an endpoint without calling cannot be answered. A capability that
 * the program does not hold makes a CapFault, but for NBSend and seL4_Signal, which do nothing.
 */
#ifndef SEL4_IPC_H
#define SEL4_IPC_H

#include <sel4/messages.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>

static inline void seL4_Signal(seL4_CPtr dest)
{
    sluice_send(dest);
}

static inline seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t info)
{
    info.words[0] = sluice_call(dest, info.words[0]);
    return info;
}

/* The rest of the program's turn goes to others of its priority; of a budget below the period,
 * what there is now is given up until it comes back. */
static inline void seL4_Yield(void)
{
    sluice_syscall(SLUICE_SYS_YIELD, 0, 0, 0, 0, 0);
}

static inline void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t info)
{
    sluice_syscall(SLUICE_SYS_SEND_MESSAGE, dest, info.words[0], 0, 0, 0);
}

static inline void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t info)
{
    sluice_syscall(SLUICE_SYS_SEND_MESSAGE, dest, info.words[0], SLUICE_NONBLOCKING, 0, 0);
}

/* Sends to `dest`, if it is not 0, as NBSend does; then receives. */
static inline seL4_MessageInfo_t sluice_receive(seL4_Word flags, seL4_CPtr dest,
                                                seL4_MessageInfo_t info, seL4_CPtr src,
                                                seL4_Word *sender, seL4_CPtr reply)
{
    struct sluice_result result =
        sluice_syscall(SLUICE_SYS_RECEIVE, flags, info.words[0], dest, src, reply);

    if (sender != 0) {
        *sender = result.x0;
    }
    info.words[0] = result.x1;
    return info;
}

static inline seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    return sluice_receive(SLUICE_ANSWERS, 0, seL4_MessageInfo_new(0, 0, 0, 0), src, sender, reply);
}

/* A badge of 0: there is nothing. */
static inline seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    return sluice_receive(SLUICE_ANSWERS | SLUICE_NONBLOCKING, 0, seL4_MessageInfo_new(0, 0, 0, 0),
                          src, sender, reply);
}

static inline seL4_MessageInfo_t seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
    return sluice_receive(0, 0, seL4_MessageInfo_new(0, 0, 0, 0), src, sender, 0);
}

static inline seL4_MessageInfo_t seL4_NBWait(seL4_CPtr src, seL4_Word *sender)
{
    return sluice_receive(SLUICE_NONBLOCKING, 0, seL4_MessageInfo_new(0, 0, 0, 0), src, sender, 0);
}

static inline seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_NBWait(src, sender);
}

static inline seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t info,
                                                seL4_Word *sender, seL4_CPtr reply)
{
    return sluice_receive(SLUICE_ANSWERS, reply, info, src, sender, reply);
}

static inline seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr dest, seL4_MessageInfo_t info,
                                                 seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    return sluice_receive(SLUICE_ANSWERS, dest, info, src, sender, reply);
}

static inline seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr dest, seL4_MessageInfo_t info,
                                                 seL4_CPtr src, seL4_Word *sender)
{
    return sluice_receive(0, dest, info, src, sender, 0);
}

#endif
