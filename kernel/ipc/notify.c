/* SPDX-License-Identifier: BSD-2-Clause */
/* See notify.h. */
#include "kernel/ipc/notify.h"

#include "kernel/sched/sched.h"

void notify_take(struct pd *pd)
{
    pd->thread.frame.x[0] = pd->notification;
    pd->thread.frame.x[1] = 0;
    pd->notification = 0;
    sched_set_payer(&pd->thread,
                    &pd->thread.own); /* a passive PD's own time is for its notifications */
}

void notify_signal(struct pd *pd, uint64_t bits)
{
    pd->notification |= bits;
    if (pd->thread.state == THREAD_RECEIVING) {
        notify_take(pd);
        sched_add(&pd->thread);
    }
}
