/* SPDX-License-Identifier: BSD-2-Clause */
/* See timer.h. Owns CNTHP of each core. */
#include "kernel/timer/timer.h"

#include <stddef.h>

#include "kernel/arch/arch.h"

static struct timer *timer_at(struct list_node *node)
{
    return list_entry(node, struct timer, link);
}

uint64_t timer_ticks(uint64_t microseconds)
{
    uint64_t frequency = arch_counter_frequency();
    uint64_t seconds = microseconds / 1000000;

    if (seconds >= TIMER_NEVER / frequency / 2) {
        return TIMER_NEVER / 2;
    }
    return seconds * frequency + microseconds % 1000000 * frequency / 1000000;
}

uint64_t timer_microseconds(uint64_t ticks)
{
    uint64_t frequency = arch_counter_frequency();

    return ticks / frequency * 1000000 + ticks % frequency * 1000000 / frequency;
}

void timer_queue_init(struct timer_queue *queue)
{
    list_init(&queue->timers);
    queue->armed = TIMER_NEVER;
    queue->armed_for_limit = false;
}

void timer_init(struct timer *timer)
{
    list_init(&timer->link);
}

void timer_start(struct timer_queue *queue, struct timer *timer, uint64_t deadline)
{
    struct list_node *position;

    list_remove(&timer->link);
    timer->deadline = deadline;
    position = queue->timers.next;
    while (position != &queue->timers && timer_at(position)->deadline <= deadline) {
        position = position->next;
    }
    list_insert_before(position, &timer->link);
}

void timer_stop(struct timer *timer)
{
    list_remove(&timer->link);
}

struct timer *timer_take_expired(struct timer_queue *queue, uint64_t now)
{
    struct timer *first;

    if (list_is_empty(&queue->timers)) {
        return NULL;
    }
    first = timer_at(queue->timers.next);
    if (first->deadline > now) {
        return NULL;
    }
    timer_stop(first);
    return first;
}

static uint64_t first_deadline(const struct timer_queue *queue)
{
    return list_is_empty(&queue->timers) ? TIMER_NEVER : timer_at(queue->timers.next)->deadline;
}

static void set_hardware(struct timer_queue *queue, uint64_t deadline)
{
    if (deadline == queue->armed) {
        return;
    }
    queue->armed = deadline;
    if (deadline == TIMER_NEVER) {
        arch_timer_stop();
    } else {
        arch_timer_set(deadline);
    }
}

void timer_arm(struct timer_queue *queue, uint64_t limit)
{
    uint64_t first = first_deadline(queue);
    uint64_t deadline = first < limit ? first : limit;

    if (queue->armed_for_limit && queue->armed < deadline) {
        return;
    }
    queue->armed_for_limit = limit < first;
    set_hardware(queue, deadline);
}

void timer_forget_limit(struct timer_queue *queue)
{
    queue->armed_for_limit = false;
}

void timer_arm_exactly(struct timer_queue *queue)
{
    queue->armed_for_limit = false;
    set_hardware(queue, first_deadline(queue));
}

void timer_disarm(struct timer_queue *queue)
{
    queue->armed_for_limit = false;
    set_hardware(queue, TIMER_NEVER);
}
