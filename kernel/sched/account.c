/* SPDX-License-Identifier: BSD-2-Clause */
/* See account.h. Owns the cores' accounts; a thread's is in struct thread. */
#include "kernel/sched/account.h"

#include <stddef.h>

#include "abi/syscall.h"

struct core_account {
    uint64_t last;    /* cycle count up to which all is booked */
    uint64_t entered; /* … at the last entry to the kernel */
    uint64_t idle;
    uint64_t total;
    uint64_t schedules;
    uint64_t kernel;
    uint64_t entries;
};

bool account_is_on;
static bool is_open;
static struct core_account cores[ABI_MAX_CPUS];
static uint32_t period; /* a thread's account of an earlier one counts as zero */

/* Cycles since `*from`, which moves on. After a reset of the counter: since then. */
static uint64_t lap(uint64_t *from)
{
    uint64_t now = arch_cycles();
    uint64_t span = now >= *from ? now - *from : now;

    *from = now;
    return span;
}

static struct thread_account *account_of(struct thread *thread)
{
    if (thread->account.period != period) {
        thread->account = (struct thread_account){.period = period};
    }
    return &thread->account;
}

static void book(struct cpu *cpu)
{
    struct core_account *core = &cores[cpu->index];
    uint64_t span = lap(&core->last);

    if (!is_open) {
        return;
    }
    core->total += span;
    if (cpu->current != NULL) {
        account_of(cpu->current)->time += span;
    } else {
        core->idle += span;
    }
}

void account_enter(struct cpu *cpu)
{
    cores[cpu->index].entered = arch_cycles();
    cores[cpu->index].entries += is_open;
    if (cpu->current != NULL && is_open) {
        account_of(cpu->current)->entries++;
    }
}

void account_leave(struct cpu *cpu)
{
    struct core_account *core = &cores[cpu->index];
    uint64_t span = lap(&core->entered);

    if (is_open && cpu->current != NULL) {
        core->kernel += span;
        account_of(cpu->current)->kernel += span;
    }
}

void account_switch(struct cpu *cpu, struct thread *next)
{
    book(cpu);
    if (!is_open || next == NULL) {
        return;
    }
    cores[cpu->index].schedules++;
    account_of(next)->schedules++;
}

void account_reset(void)
{
    for (unsigned int i = 0; i < ABI_MAX_CPUS; i++) {
        cores[i] = (struct core_account){.last = cores[i].last, .entered = cores[i].entered};
    }
    period++;
    is_open = false;
    book(cpu_local());
    is_open = true;
}

/* Of other cores, what they have booked: until their last switch. */
void account_finalize(void)
{
    book(cpu_local());
    is_open = false;
}

void account_reset_thread(struct thread *thread)
{
    thread->account = (struct thread_account){.period = period};
}

void account_read(const struct thread *thread, uint64_t *words)
{
    static const struct thread_account none;
    const struct thread_account *account =
        thread->account.period == period ? &thread->account : &none;

    if (is_open) {
        book(cpu_local());
    }
    for (unsigned int i = ABI_ACCOUNT_TOTAL_TIME; i < ABI_ACCOUNT_COUNT; i++) {
        words[i] = 0;
    }
    words[ABI_ACCOUNT_THREAD_TIME] = account->time;
    words[ABI_ACCOUNT_THREAD_SCHEDULES] = account->schedules;
    words[ABI_ACCOUNT_THREAD_KERNEL_TIME] = account->kernel;
    words[ABI_ACCOUNT_THREAD_KERNEL_ENTRIES] = account->entries;
    words[ABI_ACCOUNT_IDLE_LOCAL_TIME] = cores[cpu_local()->index].idle;
    words[ABI_ACCOUNT_IDLE_THREAD_TIME] = cores[thread->cpu].idle;
    words[ABI_ACCOUNT_TOTAL_TIME] = cores[cpu_local()->index].total;
    for (unsigned int i = 0; i < ABI_MAX_CPUS; i++) {
        words[ABI_ACCOUNT_TOTAL_SCHEDULES] += cores[i].schedules;
        words[ABI_ACCOUNT_TOTAL_KERNEL_TIME] += cores[i].kernel;
        words[ABI_ACCOUNT_TOTAL_KERNEL_ENTRIES] += cores[i].entries;
    }
}
