/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protection domains: a thread at EL0, its notification word, and the queue of those who called
 * it or whose faults it handles. What it may do stands in its image record: the kernel only
 * looks it up.
 */
#ifndef SLUICE_KERNEL_PD_PD_H
#define SLUICE_KERNEL_PD_PD_H

#include <stdint.h>

#include "abi/image.h"
#include "kernel/pd/thread.h"

struct pd {
    struct thread thread; /* first */
    const struct image_pd *desc;
    const struct image_channel *channels; /* desc's */
    uint64_t *ipc_buffer;                 /* msg[] of its IPC buffer */
    uint64_t notification;                /* bits of channels that were signalled */
    struct list_node senders;             /* threads SENDING to it, by priority */
    struct list_node wards;               /* vCPUs of its virtual machine */
    struct thread *reply_to;      /* whom it received from last and has not answered, or NULL */
} __attribute__((aligned(2048))); /* pds[i] is a shift away */

extern struct pd pds[ABI_MAX_PDS];
extern unsigned int pd_count;

/* At boot: pd `index` as its record says, stopped, in the address space `stage2`. */
void pd_init(unsigned int index, const struct image_pd *desc, uint64_t stage2);

/* &pds[index], in one way only: with an index of 16 bits compilers find two. */
static inline struct pd *pd_at(uint64_t index)
{
    return &pds[index];
}

/* area[] of its system calls: behind the IPC buffer, in the same page. */
static inline uint64_t *pd_transfer(const struct pd *pd)
{
    return (uint64_t *)(uintptr_t)(pd->desc->ipc_buffer + ABI_TRANSFER_OFFSET);
}

static inline struct pd *pd_from_thread(struct thread *thread)
{
    return (struct pd *)thread;
}

#endif
