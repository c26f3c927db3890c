/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines of one core, soonest first, behind its EL2 physical timer. Times are values of the
 * system counter. The queue is short: an idle vCPU has one entry.
 */
#ifndef SLUICE_KERNEL_TIMER_TIMER_H
#define SLUICE_KERNEL_TIMER_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/lib/list.h"

#define TIMER_NEVER UINT64_MAX

struct timer {
    struct list_node link;
    uint64_t deadline;
};

struct timer_queue {
    struct list_node timers;
    uint64_t armed;       /* what the hardware is set to, or TIMER_NEVER */
    bool armed_for_limit; /* of timer_arm(), not for one of the timers */
};

/* Counter ticks of so many microseconds. */
uint64_t timer_ticks(uint64_t microseconds);
/* … and back: whole ones. */
uint64_t timer_microseconds(uint64_t ticks);

void timer_queue_init(struct timer_queue *queue);
void timer_init(struct timer *timer);
/* (Re)places the timer in the queue. */
void timer_start(struct timer_queue *queue, struct timer *timer, uint64_t deadline);
void timer_stop(struct timer *timer);
/* Takes out and returns one timer whose deadline is not after `now`; NULL: none. */
struct timer *timer_take_expired(struct timer_queue *queue, uint64_t now);
/* The hardware fires at the queue's first deadline or at `limit`, whichever comes first. If it is
 * set for an earlier limit it stays so: a guest's VMM with a budget runs for a small part of it,
 * many times in a row, and what fires too soon once costs less than to set the hardware twice each
 * time. */
void timer_arm(struct timer_queue *queue, uint64_t limit);
/* The same for a core that sleeps: not before the queue's first deadline. */
void timer_arm_exactly(struct timer_queue *queue);
/* Whom the earlier limit was for runs no more for a while: timer_arm() does not keep it. */
void timer_forget_limit(struct timer_queue *queue);
/* The hardware has fired: silences it until the next timer_arm(). */
void timer_disarm(struct timer_queue *queue);

#endif
