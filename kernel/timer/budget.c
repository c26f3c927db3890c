/* SPDX-License-Identifier: BSD-2-Clause */
/* See budget.h. The sum of all refills is always `budget`: nothing is gained or lost. */
#include "kernel/timer/budget.h"

void budget_init(struct budget *budget, uint64_t amount, uint64_t period)
{
    budget->budget = amount;
    budget->period = period;
    budget->is_counted = budget_is_limited(budget);
    budget->turn = 0;
    budget->consumed = 0;
    budget->refill_count = 1;
    budget->refills[0] = (struct budget_refill){.time = 0, .amount = amount};
}

void budget_meter(struct budget *budget)
{
    budget->is_counted = true;
}

/* No refill but the last is smaller, so that there are BUDGET_REFILLS at most. */
static uint64_t smallest_refill(const struct budget *budget)
{
    return (budget->budget + BUDGET_REFILLS - 1) / BUDGET_REFILLS;
}

uint64_t budget_available(const struct budget *budget, uint64_t now)
{
    uint64_t sum = 0;

    for (unsigned int i = 0; i < budget->refill_count && budget->refills[i].time <= now; i++) {
        sum += budget->refills[i].amount;
    }
    return sum;
}

uint64_t budget_ready_time(const struct budget *budget)
{
    return budget->refills[0].time;
}

/* Both as one that begins as late as it can for the second's part to be used when that was due. */
static struct budget_refill join(struct budget_refill first, struct budget_refill second)
{
    uint64_t time = second.time - first.amount;

    return (struct budget_refill){.time = time > first.time ? time : first.time,
                                  .amount = first.amount + second.amount};
}

static void remove_first(struct budget *budget)
{
    budget->refill_count--;
    for (unsigned int i = 0; i < budget->refill_count; i++) {
        budget->refills[i] = budget->refills[i + 1];
    }
}

static void take(struct budget *budget, uint64_t used)
{
    while (used >= budget->refills[0].amount) {
        used -= budget->refills[0].amount;
        remove_first(budget);
    }
    budget->refills[0].amount -= used;
}

static void append(struct budget *budget, struct budget_refill refill)
{
    struct budget_refill *last = &budget->refills[budget->refill_count - 1];

    if (budget->refill_count > 1 && last->amount < smallest_refill(budget)) {
        *last = join(*last, refill);
    } else {
        budget->refills[budget->refill_count++] = refill;
    }
}

/* The first: all that is due, and no less than the smallest. */
static void settle(struct budget *budget, uint64_t now)
{
    while (budget->refill_count > 1 && (budget->refills[1].time <= now ||
                                        budget->refills[0].amount < smallest_refill(budget))) {
        budget->refills[1] = join(budget->refills[0], budget->refills[1]);
        remove_first(budget);
    }
}

static void charge_refills(struct budget *budget, uint64_t start, uint64_t used)
{
    uint64_t back = start + budget->period;

    if (used >= budget->budget) { /* all there is, and more: it comes back as one */
        budget->refill_count = 1;
        budget->refills[0] = (struct budget_refill){.time = back + (used - budget->budget),
                                                    .amount = budget->budget};
    } else if (used > 0) {
        take(budget, used);
        append(budget, (struct budget_refill){.time = back, .amount = used});
        settle(budget, start + used);
    }
}

void budget_charge(struct budget *budget, uint64_t start, uint64_t used)
{
    budget->turn += used;
    budget->consumed += used;
    if (budget_is_limited(budget)) {
        charge_refills(budget, start, used);
    }
}

void budget_forgo(struct budget *budget, uint64_t now)
{
    uint64_t available;

    budget->turn = budget->budget;
    if (!budget_is_limited(budget)) {
        return;
    }
    available = budget_available(budget, now);
    if (available == budget->budget) {
        budget->refill_count = 1;
        budget->refills[0] =
            (struct budget_refill){.time = now + budget->period, .amount = available};
    } else if (available > 0) {
        take(budget, available);
        append(budget, (struct budget_refill){.time = now + budget->period, .amount = available});
        settle(budget, now);
    }
}
