/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold of threads whenever the lock is given back: each is in the one place that its
 * state says, every core runs who it should or is about to look again, and what anybody waits for
 * can come.
 */
#include "tests/model/invariants.h"
#include "tests/model/gic.h"

#include <string.h>

#include "kernel/smp/lock.h"

/* In how many queues and timers each thread was found. */
struct found {
    uint8_t run[MODEL_THREADS];
    uint8_t timer[MODEL_THREADS];
    uint8_t sender[MODEL_THREADS];
};

/* ---- One core ---- */

static void check_queue(const struct cpu *cpu, unsigned int priority, struct found *found)
{
    const struct list_node *head = &cpu->ready[priority];

    require(!list_is_empty(head), "core %u: priority %u is marked, and nobody there", cpu->index,
            priority);
    for (const struct list_node *node = head->next; node != head; node = node->next) {
        const struct thread *thread = list_entry(node, struct thread, link);

        require(node->next->prev == node, "core %u: a broken queue", cpu->index);
        require(thread->priority == priority && thread->cpu == cpu->index,
                "core %u: %s is in another's queue", cpu->index, thread->name);
        found->run[thread_index(thread)]++;
    }
}

static void check_queues(const struct cpu *cpu, struct found *found)
{
    int highest = CPU_NOBODY;

    for (unsigned int word = 0; word < CPU_READY_WORDS; word++) {
        for (uint64_t bits = cpu->ready_bits[word]; bits != 0; bits &= bits - 1) {
            unsigned int priority = word * 64 + (unsigned int)__builtin_ctzl(bits);

            check_queue(cpu, priority, found);
            highest = (int)priority;
        }
    }
    require(cpu->queue_top == highest, "core %u: queue_top is %d, and should be %d", cpu->index,
            cpu->queue_top, highest);
    if (cpu->preempted != NULL) {
        found->run[thread_index(cpu->preempted)]++;
        require(cpu->preempted->cpu == cpu->index, "core %u: preempted is another's", cpu->index);
        require(cpu->preempted->priority >= highest, "core %u: %s comes before its betters",
                cpu->index, cpu->preempted->name);
        highest = cpu->preempted->priority;
    }
    require(cpu->top == highest, "core %u: top is %d, and should be %d", cpu->index, cpu->top,
            highest);
    if (cpu->chosen != NULL) {
        found->run[thread_index(cpu->chosen)]++;
        require(cpu->chosen->cpu == cpu->index, "core %u: chosen is another's", cpu->index);
        require(cpu->chosen->priority >= cpu->top, "core %u: %s is chosen before its betters",
                cpu->index, cpu->chosen->name);
    }
}

static void check_timers(const struct cpu *cpu, struct found *found)
{
    const struct list_node *head = &cpu->timers.timers;
    uint64_t last = 0;

    for (const struct list_node *node = head->next; node != head; node = node->next) {
        const struct timer *timer = list_entry(node, struct timer, link);
        const struct thread *thread = list_entry(timer, struct thread, wake);

        require(timer->deadline >= last, "core %u: timers out of order", cpu->index);
        last = timer->deadline;
        require(thread->cpu == cpu->index, "core %u: the timer of %s", cpu->index, thread->name);
        found->timer[thread_index(thread)]++;
    }
    require(cores[cpu->index].hyp_deadline == cpu->timers.armed,
            "core %u: the timer is not set as it is said to be", cpu->index);
}

static uint64_t first_deadline(const struct cpu *cpu)
{
    const struct list_node *first = cpu->timers.timers.next;

    return first == &cpu->timers.timers ? MODEL_NEVER
                                        : list_entry(first, struct timer, link)->deadline;
}

/* When its budget is used up, as far as it has been charged. */
static uint64_t end_of_budget(const struct cpu *cpu, const struct thread *thread)
{
    const struct budget *payer = thread->payer;

    if (!budget_is_limited(payer)) {
        return MODEL_NEVER;
    }
    return cpu->charged_until + budget_available(payer, cpu->charged_until);
}

/* The core runs a thread, or is about to, and will come to the kernel only when it must. */
static void check_running(const struct cpu *cpu, const struct core *core)
{
    const struct thread *thread = cpu->current;

    require(thread != NULL, "core %u runs nobody", cpu->index);
    require(thread->state == THREAD_RUNNABLE, "core %u runs %s, which is in state %d", cpu->index,
            thread->name, thread->state);
    require(cpu->chosen == thread, "core %u runs %s, and %s is chosen", cpu->index, thread->name,
            thread_label(cpu->chosen));
    require(core->hyp_deadline <= first_deadline(cpu), "core %u: the first timer is forgotten",
            cpu->index);
    require(core->hyp_deadline <= end_of_budget(cpu, thread),
            "core %u: the budget of %s has no end", cpu->index, thread->name);
    require(!budget_is_limited(thread->payer) || end_of_budget(cpu, thread) > cpu->charged_until,
            "core %u runs %s, whose budget is used up", cpu->index, thread->name);
    require(cpu->top != thread->priority || core->hyp_deadline != MODEL_NEVER,
            "core %u: the turn of %s has no end", cpu->index, thread->name);
    require(thread->kind == THREAD_PD || cpu->top == CPU_NOBODY || core->traps_wfi,
            "core %u: the WFI of %s keeps others waiting", cpu->index, thread->name);
}

static void check_core(const struct cpu *cpu)
{
    const struct core *core = &cores[cpu->index];
    bool is_out = cpu->has_peers ? !cpu->in_kernel : core->place != PLACE_SLEEP;

    if (!core->has_started || gic_has_ipi(cpu->index) || gic_is_interrupt(cpu->acknowledged)) {
        return; /* it will look again */
    }
    if (is_out || core == here) {
        if (core == here && cpu->current == NULL) {
            return; /* it goes to sleep: looked at when it does */
        }
        check_running(cpu, core);
    } else if (core->place == PLACE_SLEEP) {
        require(cpu->chosen == NULL && cpu->top == CPU_NOBODY, "core %u sleeps, and %s could run",
                cpu->index, thread_label(cpu->chosen));
        require(core->hyp_deadline <= first_deadline(cpu),
                "core %u sleeps, and its first timer is forgotten", cpu->index);
    }
}

/* ---- One thread ---- */

static void check_senders(const struct pd *pd, struct found *found)
{
    const struct list_node *head = &pd->senders;

    for (const struct list_node *node = head->next; node != head; node = node->next) {
        const struct thread *thread = list_entry(node, struct thread, link);

        require(thread->state == THREAD_SENDING && thread->peer == pd,
                "%s is in the queue of %s, and does not send to it", thread->name, pd->thread.name);
        found->sender[thread_index(thread)]++;
    }
    require(pd->thread.state != THREAD_RECEIVING || (list_is_empty(head) && pd->notification == 0),
            "%s waits for what is there", pd->thread.name);
    require(pd->reply_to == NULL ||
                (pd->reply_to->state == THREAD_REPLY && pd->reply_to->peer == pd),
            "%s may answer %s, which does not wait for it", pd->thread.name,
            thread_label(pd->reply_to));
}

static void check_places(const struct thread *thread, const struct found *found)
{
    unsigned int index = thread_index(thread);
    bool needs_timer = thread->state == THREAD_DEPLETED;
    bool may_have_timer = needs_timer || thread->state == THREAD_IDLE;

    require(found->run[index] == (thread->state == THREAD_RUNNABLE),
            "%s, in state %d, is in %u run queues", thread->name, thread->state, found->run[index]);
    require(found->sender[index] == (thread->state == THREAD_SENDING),
            "%s, in state %d, is in %u queues of senders", thread->name, thread->state,
            found->sender[index]);
    require(found->timer[index] <= may_have_timer && found->timer[index] >= needs_timer,
            "%s, in state %d, has %u timers", thread->name, thread->state, found->timer[index]);
    require(thread->state != THREAD_DEPLETED || !budget_is_limited(thread->payer) ||
                thread->wake.deadline <= budget_ready_time(thread->payer),
            "%s waits longer for its budget than it must", thread->name);
    require(
        thread->state != THREAD_REPLY || thread->peer == NULL || thread->peer->reply_to == thread,
        "%s waits for an answer of %s that cannot come", thread->name, thread->peer->thread.name);
}

static void check_budget(const struct thread *thread)
{
    const struct budget *budget = &thread->own;
    uint64_t sum = 0;

    if (!budget_is_limited(budget)) {
        return;
    }
    require(budget->refill_count >= 1 && budget->refill_count <= BUDGET_REFILLS,
            "%s has %u refills", thread->name, budget->refill_count);
    for (unsigned int i = 0; i < budget->refill_count; i++) {
        sum += budget->refills[i].amount;
        require(i == 0 || budget->refills[i].time >= budget->refills[i - 1].time,
                "%s has refills out of order", thread->name);
    }
    require(sum == budget->budget, "%s has %lu of its budget of %lu", thread->name, sum,
            budget->budget);
}

/* Signals are on their way until they are received. */
static void check_signals(const struct pd *pd)
{
    const struct ghost *ghost = ghost_of(&pd->thread);
    uint64_t delivered = ghost->may_have_received ? pd->thread.frame.x[0] : 0;

    require((ghost->owed & ~(pd->notification | delivered)) == 0, "%s has lost signals: %lx of %lx",
            pd->thread.name, pd->notification, ghost->owed);
}

static void check_thread(const struct thread *thread, const struct found *found)
{
    unsigned int runs = 0;
    unsigned int has_fp = 0;

    check_places(thread, found);
    check_budget(thread);
    for (unsigned int i = 0; i < core_count; i++) {
        runs += cpus[i].current == thread;
        has_fp += cpus[i].fp_owner == thread;
    }
    require(runs <= 1, "%s runs on two cores", thread->name);
    require(has_fp <= 1, "two cores have the FP registers of %s", thread->name);
}

void invariants_check(void)
{
    struct found found;

    memset(&found, 0, sizeof(found));
    for (unsigned int i = 0; i < core_count; i++) {
        check_queues(&cpus[i], &found);
        check_timers(&cpus[i], &found);
    }
    for (unsigned int i = 0; i < pd_count; i++) {
        check_senders(&pds[i], &found);
    }
    for (unsigned int i = 0; i < pd_count; i++) {
        check_thread(&pds[i].thread, &found);
        check_signals(&pds[i]);
    }
    for (unsigned int i = 0; i < vcpu_count; i++) {
        check_thread(&vcpus[i].thread, &found);
    }
    for (unsigned int i = 0; i < core_count; i++) {
        check_core(&cpus[i]);
    }
    invariants_check_interrupts();
}

/* ---- When ---- */

/* Other cores are not in the middle of something that they do by themselves. */
static bool others_are_out(void)
{
    for (unsigned int i = 0; i < core_count; i++) {
        if (i != here->index && cpus[i].is_taken) {
            return false;
        }
    }
    return true;
}

void __real_smp_leave(struct cpu *cpu, bool idle);
void __wrap_smp_leave(struct cpu *cpu, bool idle);
void __wrap_smp_leave(struct cpu *cpu, bool idle)
{
    if (others_are_out()) {
        invariants_check();
    }
    __real_smp_leave(cpu, idle);
}

void __real_smp_leave_quickly(void);
void __wrap_smp_leave_quickly(void);
void __wrap_smp_leave_quickly(void)
{
    if (others_are_out()) {
        invariants_check();
    }
    __real_smp_leave_quickly();
}
