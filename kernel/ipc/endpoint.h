/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages to a PD that are answered: protected calls, and faults of its children and vCPUs. The
 * sender blocks until the answer; senders wait by priority. The PD holds the right to answer one
 * sender, the last it received from.
 */
#ifndef SLUICE_KERNEL_IPC_ENDPOINT_H
#define SLUICE_KERNEL_IPC_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/pd/pd.h"

/* Blocks the runnable `sender`, whose message is set, until `to` answers. */
void endpoint_send(struct thread *sender, struct pd *to);
/* Says the message of a running `sender` to a PD that waits just now, which cannot answer; false:
 * it does not wait, and nothing was said. */
bool endpoint_offer(struct thread *sender, struct pd *to);
/* The same, and blocks `sender` until it was said. */
void endpoint_send_one_way(struct thread *sender, struct pd *to);
/* The PD's next event, as below, if there is one. False: nothing. */
bool endpoint_poll(struct pd *pd);
/* The PD's next event, or it waits: its notification word first, then the first sender. */
void endpoint_receive(struct pd *pd);
/* Answers whom the PD received from last; nothing if that one is gone. */
void endpoint_reply(struct pd *pd, uint64_t info);

/* Whatever the thread waits for, it waits no more: off every queue, STOPPED. A later answer to it
 * does nothing. What it was doing is remembered for thread_resume(). */
void endpoint_suspend(struct thread *thread);
/* Wherever it is queued, and however it is scheduled, it has this priority from now on. */
void endpoint_set_priority(struct thread *thread, uint8_t priority);

/* Lets a thread that is not runnable go on: with what it was doing when it was suspended, or at
 * its pc if a fault blocks it. */
void endpoint_resume(struct thread *thread);

#endif
