/* SPDX-License-Identifier: BSD-2-Clause */
/* Sporadic server: never more than the budget in any period, and nothing is lost. */
#include "tests/unit/kernel/support/cmocka_all.h"

#include "kernel/timer/budget.h"

static uint64_t total(const struct budget *budget)
{
    uint64_t sum = 0;

    for (unsigned int i = 0; i < budget->refill_count; i++) {
        sum += budget->refills[i].amount;
    }
    return sum;
}

static void used_time_comes_back_a_period_later(void **state)
{
    struct budget budget;

    (void)state;
    budget_init(&budget, 100, 1000);
    assert_int_equal(budget_available(&budget, 0), 100);
    budget_charge(&budget, 50, 30);
    assert_int_equal(budget_available(&budget, 80), 70);
    budget_charge(&budget, 80, 70);
    assert_int_equal(budget_available(&budget, 150), 0);
    assert_int_equal(budget_ready_time(&budget), 1050);
    assert_int_equal(budget_available(&budget, 1050), 30);
}

static void overrun_is_paid_back(void **state)
{
    struct budget budget;

    (void)state;
    budget_init(&budget, 100, 1000);
    budget_charge(&budget, 0, 120);
    assert_int_equal(budget_ready_time(&budget), 1020);
    assert_int_equal(budget_available(&budget, 1020), 100);
}

/* A server that is asked for a little again and again does not get its budget back in crumbs. */
static void small_uses_come_back_together(void **state)
{
    struct budget budget;
    uint64_t now = 0;

    (void)state;
    budget_init(&budget, 80, 1000);
    for (unsigned int i = 0; i < 80; i++) {
        assert_in_range(budget_available(&budget, now), 1, 80);
        budget_charge(&budget, now, 1);
        now += 2;
        if (budget_available(&budget, now) == 0) {
            break; /* less than a piece was left */
        }
    }
    assert_in_range(now, 2 * 70, 2 * 80);
    for (unsigned int i = 0; i < budget.refill_count; i++) {
        bool is_last = i + 1 == budget.refill_count;

        assert_in_range(budget.refills[i].amount, is_last ? 1 : 10, 80);
        assert_in_range(budget.refills[i].time, 1000, 2000);
    }
    assert_in_range(budget_ready_time(&budget), 1000, 1020);
    assert_in_range(budget_available(&budget, budget_ready_time(&budget)), 10, 80);
}

static void what_is_forgone_comes_back(void **state)
{
    struct budget budget;

    (void)state;
    budget_init(&budget, 80, 1000);
    budget_charge(&budget, 0, 30); /* back at 1000 */
    budget_forgo(&budget, 100);
    assert_true(budget_turn_is_over(&budget));
    assert_int_equal(budget_available(&budget, 999), 0);
    assert_int_equal(budget_available(&budget, 1000), 30);
    assert_int_equal(budget_available(&budget, 1100), 80);
    assert_int_equal(total(&budget), 80);
    budget_forgo(&budget, 1100); /* all */
    assert_int_equal(budget_ready_time(&budget), 2100);
    assert_int_equal(total(&budget), 80);
    budget_forgo(&budget, 1200); /* nothing */
    assert_int_equal(budget_ready_time(&budget), 2100);
}

static void full_context_is_not_limited(void **state)
{
    struct budget budget;

    (void)state;
    budget_init(&budget, 1000, 1000);
    assert_false(budget_is_limited(&budget));
}

/* Random use for many periods: in no window of a period's length more than the budget is used. */
static void no_window_has_more_than_the_budget(void **state)
{
    enum {
        STEPS = 20000
    };
    static struct {
        uint64_t start;
        uint64_t used;
    } log[STEPS];
    struct budget budget;
    unsigned int seed = 1;
    uint64_t now = 0;
    unsigned int count = 0;

    (void)state;
    budget_init(&budget, 100, 1000);
    for (unsigned int i = 0; i < STEPS; i++) {
        uint64_t available = budget_available(&budget, now);

        seed = seed * 1103515245 + 12345;
        if (available == 0) {
            now = budget_ready_time(&budget);
            continue;
        }
        log[count].start = now;
        log[count].used = 1 + (seed >> 16) % available;
        budget_charge(&budget, now, log[count].used);
        now += log[count].used + (seed >> 8) % 50;
        count++;
        assert_int_equal(total(&budget), 100);
        assert_in_range(budget.refill_count, 1, BUDGET_REFILLS);
    }
    for (unsigned int i = 0; i < count; i++) {
        uint64_t end = log[i].start + 1000;
        uint64_t sum = 0;

        for (unsigned int j = i; j < count && log[j].start < end; j++) {
            sum += log[j].start + log[j].used < end ? log[j].used : end - log[j].start;
        }
        assert_true(sum <= 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(used_time_comes_back_a_period_later),
        cmocka_unit_test(overrun_is_paid_back),
        cmocka_unit_test(small_uses_come_back_together),
        cmocka_unit_test(what_is_forgone_comes_back),
        cmocka_unit_test(full_context_is_not_limited),
        cmocka_unit_test(no_window_has_more_than_the_budget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
