/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs next: priorities, round robin, the timer that ends a turn. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "kernel/sched/sched.h"

#define CPU (&cpus[0])

static void highest_priority_runs(void **state)
{
    (void)state;
    assert_ptr_equal(sched_choose(CPU), &pds[1].thread);
    sched_remove(&pds[1].thread, THREAD_STOPPED);
    assert_ptr_equal(sched_choose(CPU), &pds[2].thread);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    assert_ptr_equal(sched_choose(CPU), &pds[0].thread);
    sched_remove(&pds[0].thread, THREAD_STOPPED);
    assert_null(sched_choose(CPU));
}

static void peers_take_turns(void **state)
{
    (void)state;
    host.counter = 5000;
    assert_int_equal(sched_deadline(CPU, &pds[1].thread), 6000);
    host.counter = 5999;
    sched_tick(CPU, 5999);
    assert_ptr_equal(sched_choose(CPU), &pds[1].thread);
    sched_tick(CPU, 6000);
    assert_ptr_equal(sched_choose(CPU), &pds[2].thread);
}

static void thread_without_peers_has_no_deadline(void **state)
{
    (void)state;
    assert_int_equal(sched_deadline(CPU, &pds[0].thread), TIMER_NEVER);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    assert_int_equal(sched_deadline(CPU, &pds[1].thread), TIMER_NEVER);
}

static void blocking_does_not_lose_a_turn(void **state)
{
    (void)state;
    (void)sched_deadline(CPU, &pds[1].thread); /* its turn ends at 1000 */
    sched_remove(&pds[1].thread, THREAD_RECEIVING);
    host.counter = 500;
    sched_add(&pds[1].thread);
    assert_ptr_equal(sched_choose(CPU), &pds[1].thread);
    sched_remove(&pds[1].thread, THREAD_RECEIVING);
    host.counter = 1000;
    sched_add(&pds[1].thread);
    assert_ptr_equal(sched_choose(CPU), &pds[2].thread);
}

#define TEST(name) cmocka_unit_test_setup(name, system_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(highest_priority_runs),
        TEST(peers_take_turns),
        TEST(thread_without_peers_has_no_deadline),
        TEST(blocking_does_not_lose_a_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
