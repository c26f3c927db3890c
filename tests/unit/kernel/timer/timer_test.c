/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines come out in order, and the hardware is set to the first. */
#include "tests/unit/kernel/support/cmocka_all.h"

#include "kernel/arch/host/host.h"
#include "kernel/timer/timer.h"

static struct timer_queue queue;
static struct timer timers[3];

static int setup(void **state)
{
    (void)state;
    host_reset();
    timer_queue_init(&queue);
    for (unsigned int i = 0; i < 3; i++) {
        timer_init(&timers[i]);
    }
    return 0;
}

static void soonest_expires_first(void **state)
{
    (void)state;
    timer_start(&queue, &timers[0], 300);
    timer_start(&queue, &timers[1], 100);
    timer_start(&queue, &timers[2], 200);
    assert_null(timer_take_expired(&queue, 99));
    assert_ptr_equal(timer_take_expired(&queue, 250), &timers[1]);
    assert_ptr_equal(timer_take_expired(&queue, 250), &timers[2]);
    assert_null(timer_take_expired(&queue, 250));
    assert_ptr_equal(timer_take_expired(&queue, 300), &timers[0]);
}

static void restarting_moves_and_stopping_removes(void **state)
{
    (void)state;
    timer_start(&queue, &timers[0], 100);
    timer_start(&queue, &timers[0], 300);
    assert_null(timer_take_expired(&queue, 200));
    timer_stop(&timers[0]);
    timer_stop(&timers[0]);
    assert_null(timer_take_expired(&queue, TIMER_NEVER));
}

static void hardware_is_set_to_the_first(void **state)
{
    (void)state;
    timer_arm(&queue, TIMER_NEVER);
    assert_int_equal(host.timer, UINT64_MAX);
    timer_start(&queue, &timers[0], 300);
    timer_arm(&queue, TIMER_NEVER);
    assert_int_equal(host.timer, 300);
    timer_arm(&queue, 200);
    assert_int_equal(host.timer, 200);
    timer_stop(&timers[0]);
    timer_arm_exactly(&queue);
    assert_int_equal(host.timer, UINT64_MAX);
}

static void early_limit_stays(void **state)
{
    (void)state;
    timer_arm(&queue, 100);
    timer_arm(&queue, 200); /* rather too soon than set twice */
    assert_int_equal(host.timer, 100);
    timer_arm(&queue, TIMER_NEVER);
    assert_int_equal(host.timer, 100);
    timer_arm(&queue, 50);
    assert_int_equal(host.timer, 50);
    timer_start(&queue, &timers[0], 300);
    timer_arm(&queue, TIMER_NEVER);
    assert_int_equal(host.timer, 50);
    timer_arm_exactly(&queue);
    assert_int_equal(host.timer, 300);
    timer_start(&queue, &timers[0], 400);
    timer_arm(&queue, 500); /* this was no limit */
    assert_int_equal(host.timer, 400);
    timer_disarm(&queue);
    timer_arm(&queue, 500);
    assert_int_equal(host.timer, 400);
}

static void fired_hardware_is_set_again(void **state)
{
    (void)state;
    timer_start(&queue, &timers[0], 300);
    timer_arm(&queue, TIMER_NEVER);
    timer_disarm(&queue);
    assert_int_equal(host.timer, UINT64_MAX);
    timer_arm(&queue, TIMER_NEVER);
    assert_int_equal(host.timer, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(soonest_expires_first, setup),
        cmocka_unit_test_setup(restarting_moves_and_stopping_removes, setup),
        cmocka_unit_test_setup(hardware_is_set_to_the_first, setup),
        cmocka_unit_test_setup(early_limit_stays, setup),
        cmocka_unit_test_setup(fired_hardware_is_set_again, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
