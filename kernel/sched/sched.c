/* SPDX-License-Identifier: BSD-2-Clause */
/* See sched.h. Owns the run queues in struct cpu. */
#include "kernel/sched/sched.h"

#include <stddef.h>

#include "kernel/lib/log.h"
#include "kernel/smp/lock.h"

static struct thread *head_of(struct list_node *queue)
{
    return list_entry(queue->next, struct thread, link);
}

static bool is_depleted(const struct thread *thread)
{
    return budget_is_limited(thread->payer) && budget_available(thread->payer, arch_counter()) == 0;
}

static void wait_for_budget(struct cpu *cpu, struct thread *thread)
{
    thread->state = THREAD_DEPLETED;
    timer_start(&cpu->timers, &thread->wake, budget_ready_time(thread->payer));
    smp_kick(cpu->index); /* to set its timer */
}

void sched_add(struct thread *thread)
{
    struct cpu *cpu = &cpus[thread->cpu];
    struct list_node *queue = &cpu->ready[thread->priority];

    assert(thread->state != THREAD_RUNNABLE);
    if (is_depleted(thread)) {
        wait_for_budget(cpu, thread);
        return;
    }
    thread->state = THREAD_RUNNABLE;
    cpu->runnable_count++;
    cpu->ready_bits[thread->priority / 64] |= 1UL << thread->priority % 64;
    if (!list_is_empty(queue) && thread->slice_end > arch_counter()) {
        list_insert_before(queue->next, &thread->link);
    } else {
        thread->slice_end = 0;
        list_push_back(queue, &thread->link);
    }
    smp_kick(cpu->index); /* to run it, or to trap the WFI of a guest that does not yet */
}

void sched_remove(struct thread *thread, enum thread_state state)
{
    struct cpu *cpu = &cpus[thread->cpu];

    assert(thread->state == THREAD_RUNNABLE && state != THREAD_RUNNABLE);
    thread->state = state;
    cpu->runnable_count--;
    list_remove(&thread->link);
    if (list_is_empty(&cpu->ready[thread->priority])) {
        cpu->ready_bits[thread->priority / 64] &= ~(1UL << thread->priority % 64);
    }
}

struct thread *sched_choose(struct cpu *cpu)
{
    for (unsigned int word = sizeof(cpu->ready_bits) / sizeof(cpu->ready_bits[0]); word-- > 0;) {
        if (cpu->ready_bits[word] != 0) {
            unsigned int bit = 63 - (unsigned int)__builtin_clzl(cpu->ready_bits[word]);

            return head_of(&cpu->ready[word * 64 + bit]);
        }
    }
    return NULL;
}

uint64_t sched_deadline(struct cpu *cpu, struct thread *thread)
{
    struct list_node *queue = &cpu->ready[thread->priority];

    uint64_t deadline = TIMER_NEVER;

    if (queue->next->next != queue) { /* not alone at its priority */
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

void sched_account(struct cpu *cpu)
{
    struct thread *thread = cpu->current;

    if (thread == NULL || !budget_is_limited(thread->payer)) {
        return;
    }
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
        thread->slice_end = 0;
        list_remove(&thread->link);
        list_push_back(&cpu->ready[thread->priority], &thread->link);
    }
}
