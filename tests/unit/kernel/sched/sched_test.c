/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs next: priorities, round robin, the timer that ends a turn. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"

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
    assert_ptr_equal(sched_choose(CPU), &pds[1].thread);
    assert_int_equal(sched_begin(CPU, &pds[1].thread), 6000);
    host.counter = 5999;
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    host.counter = 6000;
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    host.counter = 6999;
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    host.counter = 7000;
    assert_ptr_equal(system_run_next(), &pds[1].thread);
}

static void thread_without_peers_has_no_deadline(void **state)
{
    (void)state;
    assert_int_equal(sched_begin(CPU, &pds[0].thread), TIMER_NEVER);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    assert_int_equal(sched_begin(CPU, &pds[1].thread), TIMER_NEVER);
}

/* Its rest is there when it comes back, however long that takes. */
static void blocking_does_not_lose_a_turn(void **state)
{
    (void)state;
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    host.counter = 400;
    sched_charge(CPU);
    sched_remove(&pds[1].thread, THREAD_RECEIVING);
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    host.counter = 1300;
    sched_charge(CPU);
    sched_add(&pds[1].thread);
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    host.counter = 1899;
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    host.counter = 1900; /* 400 and 600 */
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    host.counter = 2899; /* what it ran alone was no turn */
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    host.counter = 2900;
    assert_ptr_equal(system_run_next(), &pds[1].thread);
}

/* A turn is time used: who is preempted loses nothing of it, however often. */
static void preemption_does_not_cost_a_turn(void **state)
{
    uint64_t used[2] = {0, 0};

    (void)state;
    sched_remove(&pds[0].thread, THREAD_RECEIVING);
    pds[0].thread.priority = 30;
    for (unsigned int i = 0; i < 2000; i++) {
        struct thread *peer = system_run_next();

        assert_true(peer == &pds[1].thread || peer == &pds[2].thread);
        host.counter += 30;
        used[peer == &pds[1].thread ? 0 : 1] += 30;
        sched_charge(CPU);
        sched_add(&pds[0].thread);
        assert_ptr_equal(system_run_next(), &pds[0].thread);
        host.counter += 970; /* most of what a turn is long */
        sched_charge(CPU);
        sched_remove(&pds[0].thread, THREAD_RECEIVING);
    }
    assert_in_range(used[0], used[1] - 1000, used[1] + 1000);
}

static void limit(struct thread *thread, uint64_t budget, uint64_t period)
{
    budget_init(&thread->own, budget, period);
}

/* Time is charged to who ran, whatever became of it until the core chooses. */
static void blocked_thread_has_paid(void **state)
{
    (void)state;
    limit(&pds[1].thread, 1000, 10000);
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    host.counter = 600;
    sched_charge(CPU);
    sched_remove(&pds[1].thread, THREAD_RECEIVING);
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    assert_int_equal(budget_available(&pds[1].thread.own, host.counter), 400);
}

static void depleted_thread_waits_for_its_budget(void **state)
{
    struct thread *thread = &pds[1].thread;

    (void)state;
    limit(thread, 1000, 10000);
    assert_ptr_equal(system_run_next(), thread);
    host.counter = 1000;
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    assert_int_equal(thread->state, THREAD_DEPLETED);
    assert_int_equal(thread->wake.deadline, 10000);
}

#define OTHER (&cpus[1])

/* PD 0 and PD 2 are on another core, which runs PD 2. */
static void move_two(void)
{
    cpu_init(1);
    for (unsigned int i = 0; i <= 2; i += 2) {
        sched_remove(&pds[i].thread, THREAD_STOPPED);
        pds[i].thread.cpu = 1;
    }
    smp_init(2, NULL);
    sched_add(&pds[2].thread);
    OTHER->current = sched_choose(OTHER);
    (void)sched_begin(OTHER, OTHER->current);
    fake_gic.ipis = 0;
}

/* Whoever comes and goes below what a core runs costs it nothing. */
static void core_is_interrupted_for_what_concerns_it(void **state)
{
    (void)state;
    move_two();
    for (unsigned int i = 0; i < 10; i++) {
        sched_add(&pds[0].thread); /* priority 10, below 20 */
        sched_remove(&pds[0].thread, THREAD_STOPPED);
    }
    assert_int_equal(fake_gic.ipis, 0);
    pds[0].thread.priority = 20;
    sched_add(&pds[0].thread); /* a turn is to be timed */
    assert_int_equal(fake_gic.ipis, 1);
    sched_remove(&pds[0].thread, THREAD_STOPPED);
    pds[0].thread.priority = 21;
    sched_add(&pds[0].thread);
    assert_int_equal(fake_gic.ipis, 2);
}

/* One that runs there is stopped, and a trap that it has just taken is void, even if it may run
 * again before the core gets the lock. */
static void stopping_voids_a_trap(void **state)
{
    (void)state;
    move_two();
    OTHER->in_kernel = true;
    OTHER->trapped = &pds[2].thread;
    sched_stop(&pds[2].thread);
    sched_add(&pds[2].thread);
    assert_true(OTHER->trap_is_void);
}

static void turn_can_be_given_up(void **state)
{
    (void)state;
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    sched_end_turn(&pds[1].thread);
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    sched_end_turn(&pds[2].thread);
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    sched_end_turn(&pds[1].thread);
    assert_ptr_equal(system_run_next(), &pds[1].thread); /* of its priority it is alone */
}

static void peer_can_be_next(void **state)
{
    (void)state;
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    sched_yield_to(CPU, &pds[0].thread);
    assert_ptr_equal(system_run_next(), &pds[1].thread); /* it is lower */
    sched_yield_to(CPU, &pds[2].thread);
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    sched_yield_to(CPU, &pds[2].thread); /* it does not run */
    assert_ptr_equal(system_run_next(), &pds[1].thread);
}

static void priority_moves_a_thread(void **state)
{
    (void)state;
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    sched_set_priority(&pds[0].thread, 30);
    assert_ptr_equal(system_run_next(), &pds[0].thread);
    sched_set_priority(&pds[0].thread, 5);
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    sched_set_priority(&pds[1].thread, 1);
    assert_ptr_equal(system_run_next(), &pds[2].thread);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    sched_set_priority(&pds[2].thread, 2);
    assert_ptr_equal(system_run_next(), &pds[0].thread);
    sched_remove(&pds[0].thread, THREAD_STOPPED);
    sched_add(&pds[2].thread);
    assert_ptr_equal(system_run_next(), &pds[2].thread);
}

static void metered_thread_is_charged(void **state)
{
    (void)state;
    host.counter = 5000;
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    assert_null(CPU->payer); /* nobody asks, and it has no peers */
    budget_meter(&pds[1].thread.own);
    assert_ptr_equal(system_run_next(), &pds[1].thread);
    assert_ptr_equal(CPU->payer, &pds[1].thread.own);
    host.counter = 5300;
    sched_charge(CPU);
    assert_int_equal(pds[1].thread.own.consumed, 300);
    assert_int_equal(sched_begin(CPU, &pds[1].thread), TIMER_NEVER);
}

#define TEST(name) cmocka_unit_test_setup(name, system_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(highest_priority_runs),
        TEST(peers_take_turns),
        TEST(thread_without_peers_has_no_deadline),
        TEST(blocking_does_not_lose_a_turn),
        TEST(preemption_does_not_cost_a_turn),
        TEST(blocked_thread_has_paid),
        TEST(depleted_thread_waits_for_its_budget),
        TEST(core_is_interrupted_for_what_concerns_it),
        TEST(stopping_voids_a_trap),
        TEST(turn_can_be_given_up),
        TEST(peer_can_be_next),
        TEST(priority_moves_a_thread),
        TEST(metered_thread_is_charged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
