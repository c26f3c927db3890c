/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Budgets: a context may use `budget` of a core's time in every `period`. A context whose budget
 * equals its period is plain round robin: of it only turns are accounted, each `budget` long, and
 * only while another of its priority waits. Otherwise it is a sporadic server
 * (Sprunt, Sha, Lehoczky 1989): time used from t on comes back at t + period, or a little later:
 * what is used in many small pieces comes back in pieces of at least an eighth of the budget, since
 * each is a timer interrupt for a context that has no more.
 *
 * All that a metered context uses is added up, for programs that may ask.
 *
 * A PD or vCPU owns one context. A passive server runs on its caller's: `thread.payer`.
 * Times are counter ticks. Touched by the core of the thread that runs on it.
 */
#ifndef SLUICE_KERNEL_TIMER_BUDGET_H
#define SLUICE_KERNEL_TIMER_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#define BUDGET_REFILLS 8

struct budget_refill {
    uint64_t time; /* from when it may be used */
    uint64_t amount;
};

struct budget {
    uint64_t budget;
    uint64_t period;
    uint64_t turn; /* how much of its turn is used; who is preempted, or waits, keeps the rest */
    uint64_t consumed;         /* since it was last asked for; all of it if it is metered */
    bool is_counted;           /* limited or metered: none of its time may be missed */
    unsigned int refill_count; /* at least one while limited; ordered by time */
    struct budget_refill refills[BUDGET_REFILLS + 1]; /* the last while one is added */
};

void budget_init(struct budget *budget, uint64_t amount, uint64_t period);

static inline bool budget_is_limited(const struct budget *budget)
{
    return budget->budget < budget->period;
}

/* From now on all that it uses is added up in `consumed`. */
void budget_meter(struct budget *budget);

/* How much may be used now without a break; 0: none before budget_ready_time(). */
uint64_t budget_available(const struct budget *budget, uint64_t now);
uint64_t budget_ready_time(const struct budget *budget);
/* [start, start + used) was used. */
void budget_charge(struct budget *budget, uint64_t start, uint64_t used);
/* Its turn is over, and what a limited one has at `now` comes back as if it had been used. */
void budget_forgo(struct budget *budget, uint64_t now);

static inline bool budget_turn_is_over(const struct budget *budget)
{
    return budget->turn >= budget->budget;
}

#endif
