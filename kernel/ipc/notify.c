/* SPDX-License-Identifier: BSD-2-Clause */
/* See notify.h. */
#include "kernel/ipc/notify.h"

#include "kernel/sched/sched.h"

void notify_take(struct pd *pd)
{
    pd->thread.frame.x[0] = pd->notification;
    pd->thread.frame.x[1] = 0;
    pd->notification = 0;
    /* A passive PD's own time, and core, are for its notifications. */
    pd->thread.payer = &pd->thread.own;
    sched_move(&pd->thread, pd->desc->cpu);
}

void notify_signal(struct pd *pd, uint64_t bits)
{
    pd->notification |= bits;
    if (pd->thread.state == THREAD_RECEIVING) {
        notify_take(pd);
        sched_add(&pd->thread);
    }
}
