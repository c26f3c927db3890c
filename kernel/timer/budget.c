/* SPDX-License-Identifier: BSD-2-Clause */
/* See budget.h. The sum of all refills is always `budget`: nothing is gained or lost. */
#include "kernel/timer/budget.h"

void budget_init(struct budget *budget, uint64_t amount, uint64_t period)
{
    budget->budget = amount;
    budget->period = period;
    budget->refill_count = 1;
    budget->refills[0] = (struct budget_refill){.time = 0, .amount = amount};
}

uint64_t budget_available(const struct budget *budget, uint64_t now)
{
    return budget->refills[0].time <= now ? budget->refills[0].amount : 0;
}

uint64_t budget_ready_time(const struct budget *budget)
{
    return budget->refills[0].time;
}

static void remove_first(struct budget *budget)
{
    budget->refill_count--;
    for (unsigned int i = 0; i < budget->refill_count; i++) {
        budget->refills[i] = budget->refills[i + 1];
    }
}

/* A full queue joins its last two: the amount is kept, and comes later rather than sooner. */
static void append(struct budget *budget, struct budget_refill refill)
{
    if (budget->refill_count == BUDGET_REFILLS) {
        refill.amount += budget->refills[BUDGET_REFILLS - 1].amount;
        budget->refill_count--;
    }
    budget->refills[budget->refill_count++] = refill;
}

/* Refills that are due together are one. */
static void join_due(struct budget *budget, uint64_t now)
{
    while (budget->refill_count > 1 && budget->refills[1].time <= now) {
        budget->refills[1].amount += budget->refills[0].amount;
        budget->refills[1].time = budget->refills[0].time;
        remove_first(budget);
    }
}

void budget_charge(struct budget *budget, uint64_t start, uint64_t used)
{
    uint64_t back = start + budget->period;

    while (used > 0) {
        struct budget_refill *first = &budget->refills[0];
        uint64_t part = used < first->amount ? used : first->amount;
        struct budget_refill refill = {.time = back, .amount = part};

        if (part == budget->budget) { /* all there is, and more: it comes back as one */
            first->time = back + (used - part);
            return;
        }
        used -= part;
        first->amount -= part;
        if (first->amount == 0) {
            remove_first(budget);
        }
        append(budget, refill);
    }
    join_due(budget, start);
}
