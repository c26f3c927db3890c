/* SPDX-License-Identifier: BSD-2-Clause */
/* See sched.h. Owns the run queues in struct cpu. */
#include "kernel/sched/sched.h"

#include <stddef.h>

#include "kernel/lib/log.h"
#include "kernel/smp/lock.h"

#define WORD_BITS 64

/* The highest priority with a thread in its queue, or CPU_NOBODY. */
static int find_top(const struct cpu *cpu)
{
    for (int word = CPU_READY_WORDS; word-- > 0;) {
        if (cpu->ready_bits[word] != 0) {
            return word * WORD_BITS + WORD_BITS - 1 - __builtin_clzl(cpu->ready_bits[word]);
        }
    }
    return CPU_NOBODY;
}

static void mark_ready(struct cpu *cpu, uint8_t priority)
{
    cpu->ready_bits[priority / WORD_BITS] |= 1UL << priority % WORD_BITS;
    if (priority > cpu->queue_top) {
        cpu->queue_top = priority;
    }
    cpu->top = cpu->queue_top;
}

/* `preempted` spares the queues the usual case: who preempted it soon waits again. It goes to the
 * queues before they change. */
static void settle(struct cpu *cpu)
{
    struct thread *thread = cpu->preempted;

    if (thread == NULL) {
        return;
    }
    cpu->preempted = NULL;
    list_insert_before(cpu->ready[thread->priority].next, &thread->link);
    mark_ready(cpu, thread->priority);
}

static void enqueue_first(struct cpu *cpu, struct thread *thread)
{
    settle(cpu);
    list_insert_before(cpu->ready[thread->priority].next, &thread->link);
    mark_ready(cpu, thread->priority);
}

static void enqueue_last(struct cpu *cpu, struct thread *thread)
{
    settle(cpu);
    thread->slice_end = 0;
    list_push_back(&cpu->ready[thread->priority], &thread->link);
    mark_ready(cpu, thread->priority);
}

static void dequeue(struct cpu *cpu, struct thread *thread)
{
    settle(cpu);
    list_remove(&thread->link);
    if (list_is_empty(&cpu->ready[thread->priority])) {
        cpu->ready_bits[thread->priority / WORD_BITS] &= ~(1UL << thread->priority % WORD_BITS);
        cpu->queue_top = find_top(cpu);
        cpu->top = cpu->queue_top;
    }
}

/* It was interrupted in its turn, which is not over. */
static bool has_turn(const struct thread *thread)
{
    return thread->slice_end != 0 && thread->slice_end > arch_counter();
}

static bool precedes(const struct thread *thread, int priority)
{
    return thread->priority > priority || (thread->priority == priority && has_turn(thread));
}

static bool is_depleted(const struct thread *thread)
{
    return budget_is_limited(thread->payer) && budget_available(thread->payer, arch_counter()) == 0;
}

static void wait_for_budget(struct cpu *cpu, struct thread *thread)
{
    thread->state = THREAD_DEPLETED;
    timer_start(&cpu->timers, &thread->wake, budget_ready_time(thread->payer));
    smp_kick(cpu); /* to set its timer */
}

void sched_preempt(struct cpu *cpu, struct thread *thread)
{
    settle(cpu);
    cpu->preempted = cpu->chosen;
    cpu->top = cpu->chosen->priority;
    cpu->chosen = thread;
}

void sched_add(struct thread *thread)
{
    struct cpu *cpu = &cpus[thread->cpu];

    assert(thread->state != THREAD_RUNNABLE);
    if (is_depleted(thread)) {
        wait_for_budget(cpu, thread);
        return;
    }
    thread->state = THREAD_RUNNABLE;
    if (cpu->chosen == NULL && precedes(thread, cpu->top)) {
        cpu->chosen = thread;
    } else if (cpu->chosen != NULL && precedes(thread, cpu->chosen->priority)) {
        sched_preempt(cpu, thread);
    } else if (has_turn(thread)) {
        enqueue_first(cpu, thread);
    } else {
        enqueue_last(cpu, thread);
    }
    smp_kick(cpu); /* to run it, or to trap the WFI of a guest that does not yet */
}

void sched_remove(struct thread *thread, enum thread_state state)
{
    struct cpu *cpu = &cpus[thread->cpu];

    assert(thread->state == THREAD_RUNNABLE && state != THREAD_RUNNABLE);
    thread->state = state;
    if (cpu->chosen == thread) {
        cpu->chosen = NULL;
    } else {
        dequeue(cpu, thread);
    }
}

struct thread *sched_choose_queued(struct cpu *cpu)
{
    if (cpu->top != CPU_NOBODY) {
        cpu->chosen = list_entry(cpu->ready[cpu->top].next, struct thread, link);
        dequeue(cpu, cpu->chosen);
    }
    return cpu->chosen;
}

uint64_t sched_deadline(struct cpu *cpu, struct thread *thread)
{
    uint64_t deadline = TIMER_NEVER;

    if (thread->priority != cpu->top) { /* alone at its priority */
        thread->slice_end = 0;
    } else {
        if (thread->slice_end == 0) {
            thread->slice_end = arch_counter() + thread->payer->budget;
        }
        deadline = thread->slice_end;
    }
    if (budget_is_limited(thread->payer)) {
        uint64_t now = arch_counter();
        uint64_t end = now + budget_available(thread->payer, now);

        if (thread != cpu->current) {
            cpu->charged_until = now;
        }
        deadline = end < deadline ? end : deadline;
    }
    return deadline;
}

static void charge(struct cpu *cpu, struct thread *thread)
{
    uint64_t now = arch_counter();

    if (budget_is_limited(thread->payer)) {
        budget_charge(thread->payer, cpu->charged_until, now - cpu->charged_until);
    }
    cpu->charged_until = now;
}

void sched_move(struct thread *thread, unsigned int index)
{
    bool was_runnable = thread->state == THREAD_RUNNABLE;

    if (thread->cpu == index) {
        return;
    }
    if (cpus[thread->cpu].fp_owner == thread) {
        if (cpu_local()->index == thread->cpu) {
            cpu_drop_fp(cpu_local());
        } else {
            smp_evict_core(thread->cpu);
        }
    }
    if (was_runnable) {
        sched_remove(thread, THREAD_STOPPED);
    }
    thread->cpu = (uint8_t)index;
    if (was_runnable) {
        sched_add(thread);
    }
}

void sched_set_payer(struct thread *thread, struct budget *payer)
{
    struct cpu *cpu = &cpus[thread->cpu];

    if (thread->payer == payer) {
        return;
    }
    if (cpu->current == thread) {
        charge(cpu, thread);
    }
    thread->payer = payer;
}

void sched_charge(struct cpu *cpu, struct thread *thread)
{
    charge(cpu, thread);
    if (thread->state == THREAD_RUNNABLE && is_depleted(thread)) {
        sched_remove(thread, THREAD_STOPPED);
        wait_for_budget(cpu, thread);
    }
}

void sched_tick(struct cpu *cpu, uint64_t now)
{
    struct thread *thread = sched_choose(cpu);

    if (thread != NULL && thread->slice_end != 0 && thread->slice_end <= now) {
        cpu->chosen = NULL;
        enqueue_last(cpu, thread);
    }
}
