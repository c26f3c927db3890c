/* SPDX-License-Identifier: BSD-2-Clause */
/* See notify.h. */
#include "kernel/ipc/notify.h"

#include "kernel/sched/sched.h"

void notify_come_home(struct pd *pd)
{
    pd->thread.payer = &pd->thread.own;
    sched_move(&pd->thread, pd->desc->cpu);
}

void notify_take(struct pd *pd)
{
    pd->thread.frame.x[0] = pd->notification;
    pd->thread.frame.x[1] = 0;
    pd->notification = 0;
    notify_come_home(pd);
}

void notify_signal(struct pd *pd, uint64_t bits)
{
    pd->notification |= bits;
    if (pd->thread.state == THREAD_RECEIVING) {
        notify_take(pd);
        sched_add(&pd->thread);
    }
}
