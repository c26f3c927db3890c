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
    return thread->payer->turn != 0 && !budget_turn_is_over(thread->payer);
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
    uint64_t deadline = budget_ready_time(thread->payer);

    thread->state = THREAD_DEPLETED;
    timer_start(&cpu->timers, &thread->wake, deadline);
    if (deadline < cpu->timers.armed) {
        smp_kick(cpu); /* to set its timer */
    }
}

/* Whether the core has to look at `thread`, just added and not chosen: to time the turn of who runs
 * there, or to trap the WFI of a guest that does not yet. Not for who must wait in any case:
 * another core could have the interrupts that it likes. */
static bool changes_something(const struct cpu *cpu, const struct thread *thread)
{
    if (thread->priority == cpu->chosen->priority && !cpu->turn_is_timed) {
        return true;
    }
    return cpu->current != NULL && cpu->current->kind == THREAD_VCPU && !cpu->traps_wfi;
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
    if (cpu->chosen == thread || cpu->chosen == NULL || changes_something(cpu, thread)) {
        smp_kick(cpu);
    }
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

void sched_void_trap(struct thread *thread)
{
    struct cpu *cpu = &cpus[thread->cpu];

    if (cpu != cpu_local() && cpu->trapped == thread) {
        cpu->trap_is_void = true;
    }
}

void sched_stop(struct thread *thread)
{
    if (cpus[thread->cpu].current == thread) {
        smp_stop_core(thread->cpu);
    }
    sched_void_trap(thread);
    sched_remove(thread, THREAD_STOPPED);
}

struct thread *sched_choose_queued(struct cpu *cpu)
{
    if (cpu->top != CPU_NOBODY) {
        cpu->chosen = list_entry(cpu->ready[cpu->top].next, struct thread, link);
        dequeue(cpu, cpu->chosen);
    }
    return cpu->chosen;
}

bool sched_has_time(struct cpu *cpu, struct thread *thread)
{
    if (is_depleted(thread)) {
        sched_remove(thread, THREAD_STOPPED);
        wait_for_budget(cpu, thread);
        return false;
    }
    if (!budget_turn_is_over(thread->payer)) {
        return true;
    }
    thread->payer->turn = 0;
    if (thread->priority != cpu->top) { /* alone at its priority */
        return true;
    }
    cpu->chosen = NULL;
    enqueue_last(cpu, thread);
    return false;
}

uint64_t sched_begin(struct cpu *cpu, struct thread *thread)
{
    struct budget *payer = thread->payer;
    uint64_t deadline = TIMER_NEVER;
    uint64_t now;

    if (cpu->payer != NULL && cpu->payer != payer) {
        sched_charge_payer(cpu);
    }
    cpu->turn_is_timed = thread->priority == cpu->top;
    if (!cpu->turn_is_timed && !payer->is_counted) {
        cpu->payer = NULL;
        return TIMER_NEVER;
    }
    now =
        cpu->payer != NULL ? cpu->charged_until : arch_counter(); /* read at the entry, or above */
    cpu->payer = payer;
    cpu->charged_until = now;
    if (cpu->turn_is_timed) {
        deadline = now + (payer->budget - payer->turn);
    }
    if (budget_is_limited(payer)) {
        uint64_t end = now + budget_available(payer, now);

        deadline = end < deadline ? end : deadline;
    }
    return deadline;
}

void sched_charge_payer(struct cpu *cpu)
{
    uint64_t now = arch_counter();

    budget_charge(cpu->payer, cpu->charged_until, now - cpu->charged_until);
    cpu->charged_until = now;
}

void sched_move(struct thread *thread, unsigned int index)
{
    bool was_runnable = thread->state == THREAD_RUNNABLE;
    struct cpu *from = &cpus[thread->cpu];

    if (thread->cpu == index) {
        return;
    }
    if (from == cpu_local() && from->fp_owner == thread) {
        cpu_drop_fp(from);
    } else if (from != cpu_local() && (from->fp_owner == thread || from->current == thread)) {
        smp_evict_core(thread->cpu);
    }
    if (was_runnable) {
        sched_remove(thread, THREAD_STOPPED);
    }
    thread->cpu = (uint8_t)index;
    if (was_runnable) {
        sched_add(thread);
    }
}

void sched_end_turn(struct thread *thread)
{
    budget_forgo(thread->payer, arch_counter());
}

void sched_pass_turn(struct thread *thread)
{
    thread->payer->turn = thread->payer->budget;
}

void sched_yield_to(struct cpu *cpu, struct thread *thread)
{
    if (thread->cpu != cpu->index || thread->state != THREAD_RUNNABLE || thread == cpu->chosen) {
        return;
    }
    dequeue(cpu, thread);
    if (cpu->chosen != NULL && thread->priority >= cpu->chosen->priority) {
        sched_preempt(cpu, thread);
    } else {
        enqueue_first(cpu, thread);
    }
}

void sched_set_priority(struct thread *thread, uint8_t priority)
{
    if (thread->state != THREAD_RUNNABLE) {
        thread->priority = priority;
        return;
    }
    sched_remove(thread, THREAD_STOPPED);
    thread->priority = priority;
    sched_add(thread);
}
