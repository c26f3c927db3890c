/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmm/dev/watchdog.h"

#include "tests/unit/vmm/fake/cmocka_all.h"

#define FREQUENCY 62500000UL

enum control {
    WCS = 0x000,
    WOR = 0x008,
    WCV = 0x010,
    IIDR = 0xfcc,
};

#define EN  1u
#define WS0 2u
#define WS1 4u

static struct watchdog dog;
static uint64_t counter;
static uint64_t deadline;
static unsigned int deadline_count;

static uint64_t now(void *context)
{
    assert_ptr_equal(context, &counter);
    return counter;
}

static void set_deadline(void *context, uint64_t when)
{
    assert_ptr_equal(context, &counter);
    deadline = when;
    deadline_count++;
}

static const struct watchdog_machine machine = {
    .now = now, .frequency = FREQUENCY, .deadline = set_deadline, .context = &counter};

static int setup(void **state)
{
    (void)state;
    counter = 1000;
    deadline = 0;
    deadline_count = 0;
    watchdog_init(&dog, &machine);
    return 0;
}

static uint64_t read_sized(const struct mmio_ops *ops, unsigned int offset, unsigned int size)
{
    struct mmio_access access = {.offset = offset, .size = size, .value = ~0UL};

    assert_true(ops->access(&dog, &access));
    return access.value;
}

static void write_sized(const struct mmio_ops *ops, unsigned int offset, unsigned int size,
                        uint64_t value)
{
    struct mmio_access access = {.offset = offset, .size = size, .is_write = true, .value = value};

    assert_true(ops->access(&dog, &access));
}

static uint32_t read_control(unsigned int offset)
{
    return (uint32_t)read_sized(&watchdog_control_ops, offset, 4);
}

static void write_control(unsigned int offset, uint32_t value)
{
    write_sized(&watchdog_control_ops, offset, 4, value);
}

static uint64_t compare_value(void)
{
    return read_control(WCV) | (uint64_t)read_control(WCV + 4) << 32;
}

static void ping(void)
{
    write_sized(&watchdog_refresh_ops, 0, 4, 0);
}

static void off_at_first(void **state)
{
    (void)state;
    assert_int_equal(read_control(WCS), 0);
    assert_int_equal(read_control(WOR), 0);
    counter += FREQUENCY * 1000;
    assert_int_equal(read_control(WCS), 0);
    ping();
    assert_int_equal(deadline_count, 0);
}

static void identification(void **state)
{
    (void)state;
    assert_int_equal(read_control(IIDR), 0x0001043b); /* version 1: Linux writes WOR by halves */
    assert_int_equal(read_sized(&watchdog_refresh_ops, IIDR, 4), 0x0001043b);
    assert_int_equal(read_sized(&watchdog_refresh_ops, 0, 4), 0);
}

/* Two stages: the counter has to be past the compare value, so each takes one more. */
static void two_stages(void **state)
{
    (void)state;
    write_control(WOR, 100);
    assert_int_equal(deadline_count, 0);
    write_control(WCS, EN);
    assert_int_equal(compare_value(), 1100);
    assert_int_equal(deadline, 1202);
    counter = 1100;
    assert_int_equal(read_control(WCS), EN);
    counter = 1101;
    assert_int_equal(read_control(WCS), EN | WS0);
    assert_int_equal(compare_value(), 1201);
    counter = 1201;
    assert_int_equal(read_control(WCS), EN | WS0);
    counter = 1202;
    assert_int_equal(read_control(WCS), EN | WS0 | WS1);
    counter = 5000;
    assert_int_equal(read_control(WCS), EN | WS0 | WS1);
    assert_int_equal(deadline, 1202);
    assert_int_equal(deadline_count, 1);
}

static void late_look(void **state)
{
    (void)state;
    write_control(WOR, 100);
    write_control(WCS, EN);
    counter = 100000;
    assert_int_equal(read_control(WCS), EN | WS0 | WS1);
    assert_int_equal(compare_value(), 1201);
}

static void refreshes(void **state)
{
    (void)state;
    write_control(WOR, 100);
    write_control(WCS, EN);
    counter = 1150;
    assert_int_equal(read_control(WCS), EN | WS0);
    ping();
    assert_int_equal(read_control(WCS), EN);
    assert_int_equal(compare_value(), 1250);
    assert_int_equal(deadline, 1352);
    counter = 1300;
    write_control(WOR, 10);
    assert_int_equal(read_control(WCS), EN);
    assert_int_equal(deadline, 1322);
    counter = 1400;
    assert_int_equal(read_control(WCS), EN | WS0 | WS1);
    write_control(WCS, EN);
    assert_int_equal(read_control(WCS), EN);
    assert_int_equal(deadline, 1422);
    assert_int_equal(deadline_count, 4);
}

static void turned_off(void **state)
{
    (void)state;
    write_control(WOR, 100);
    write_control(WCS, EN);
    counter = 1150;
    write_control(WCS, 0xfffffffe);
    assert_int_equal(deadline, 0);
    assert_int_equal(read_control(WCS), 0);
    counter = 9000;
    assert_int_equal(read_control(WCS), 0);
    write_control(WCS, 0xffffffff);
    assert_int_equal(read_control(WCS), EN); /* signals are not written */
    assert_int_equal(deadline, 9202);
}

static void compare_value_is_honoured(void **state)
{
    (void)state;
    write_control(WOR, 100);
    write_control(WCS, EN);
    write_control(WCV, 5000);
    assert_int_equal(deadline, 5102);
    counter = 5001;
    assert_int_equal(read_control(WCS), EN | WS0);
    write_control(WCV, 7000); /* of the second stage now */
    assert_int_equal(read_control(WCS), EN | WS0);
    assert_int_equal(deadline, 7001);
    write_control(WCV + 4, 1);
    assert_int_equal(deadline, 0x100000000 + 7001);
    write_sized(&watchdog_control_ops, WCV, 8, 6000);
    assert_int_equal(deadline, 6001);
    assert_int_equal(read_sized(&watchdog_control_ops, WCV, 8), 6000);
    write_sized(&watchdog_control_ops, WCV, 8, 10); /* in the past */
    assert_int_equal(deadline, 11);
    assert_int_equal(read_control(WCS), EN | WS0 | WS1);
    write_control(WCV, 9000); /* too late */
    assert_int_equal(deadline, 11);
    ping();
    write_control(WCV, 4000); /* in the past: the first stage ends now */
    assert_int_equal(read_control(WCS), EN | WS0);
    assert_int_equal(compare_value(), 5101);
    assert_int_equal(deadline, 5102);
}

static void never(void **state)
{
    (void)state;
    write_control(WOR, 100);
    write_control(WCS, EN);
    write_sized(&watchdog_control_ops, WCV, 8, UINT64_MAX);
    assert_int_equal(deadline, 0);
    counter = UINT64_MAX;
    assert_int_equal(read_control(WCS), EN);
    ping(); /* wraps nowhere */
    assert_int_equal(deadline, 0);
    write_sized(&watchdog_control_ops, WCV, 8, UINT64_MAX - 50);
    assert_int_equal(read_control(WCS), EN | WS0);
    assert_int_equal(deadline, 0);
    assert_int_equal(read_control(WCS), EN | WS0);
}

static void long_offsets(void **state)
{
    (void)state;
    write_control(WOR, 0xfffffffe);
    write_control(WOR + 4, 0xffff1234);
    assert_int_equal(read_control(WOR), 0xfffffffe);
    assert_int_equal(read_control(WOR + 4), 0x1234);
    write_control(WCS, EN);
    assert_int_equal(compare_value(), 1000 + 0x1234fffffffe);
    write_sized(&watchdog_control_ops, WOR, 8, 0x200000003);
    assert_int_equal(read_sized(&watchdog_control_ops, WOR, 8), 0x200000003);
    assert_int_equal(deadline, 1000 + 2 * 0x200000003 + 2);
}

/* As sbsa_gwdt does for a timeout of ten seconds, from what the guest was started with. */
static void linux_takes_over(void **state)
{
    (void)state;
    watchdog_start(&dog, 60);
    assert_int_equal(deadline, 1000 + 600 * FREQUENCY + 2);
    assert_int_equal(read_control(WCS), EN);
    counter += 200 * FREQUENCY;
    assert_int_equal(read_control(WCS), EN);
    write_control(WOR, 5 * FREQUENCY);
    write_control(WOR + 4, 0);
    write_control(WCS, EN);
    assert_int_equal(deadline, 1000 + 210 * FREQUENCY + 2);
    for (unsigned int i = 0; i < 10; i++) {
        counter += 4 * FREQUENCY;
        ping();
        assert_int_equal(read_control(WCS), EN);
        assert_int_equal(deadline, counter + 10 * FREQUENCY + 2);
    }
}

/* A driver that leaves the timeout as it finds it: from its first sign on it has that. */
static void boot_takes_longer(void **state)
{
    (void)state;
    watchdog_start(&dog, 30);
    assert_int_equal(deadline, 1000 + 300 * FREQUENCY + 2);
    assert_int_equal(read_sized(&watchdog_control_ops, WOR, 8), 15 * FREQUENCY);
    counter += 290 * FREQUENCY;
    assert_int_equal(read_control(WCS) & (EN | WS1), EN);
    assert_int_equal(deadline, 1000 + 300 * FREQUENCY + 2);
    ping();
    assert_int_equal(deadline, counter + 30 * FREQUENCY + 2);
    counter += 31 * FREQUENCY;
    assert_int_equal(read_control(WCS), EN | WS0 | WS1);
    watchdog_start(&dog, 30);
    assert_int_equal(deadline, counter + 300 * FREQUENCY + 2);
    counter += 301 * FREQUENCY;
    assert_int_equal(read_control(WCS), EN | WS0 | WS1);
}

static void started_again(void **state)
{
    (void)state;
    watchdog_start(&dog, 1);
    counter += 11 * FREQUENCY;
    assert_int_equal(read_control(WCS), EN | WS0 | WS1);
    watchdog_start(&dog, 1);
    assert_int_equal(read_control(WCS), EN);
    assert_int_equal(deadline, counter + 10 * FREQUENCY + 2);
    watchdog_start(&dog, UINT32_MAX); /* as long as can be */
    assert_int_equal(read_sized(&watchdog_control_ops, WOR, 8), 0xffffffffffff);
}

static void reset(void **state)
{
    (void)state;
    watchdog_start(&dog, 60);
    watchdog_reset(&dog);
    assert_int_equal(deadline, 0);
    assert_int_equal(deadline_count, 2);
    deadline_count = 0;
    off_at_first(state);
    watchdog_reset(&dog);
    assert_int_equal(deadline_count, 0);
}

static void sizes_and_holes(void **state)
{
    (void)state;
    write_control(WOR, 100);
    write_control(WCS, EN);
    write_sized(&watchdog_control_ops, WCS, 1, 0);
    write_sized(&watchdog_control_ops, WCS, 2, 0);
    write_control(0x004, 0);
    write_control(IIDR, 0);
    write_control(0xffc, 0);
    assert_int_equal(read_sized(&watchdog_control_ops, WCS, 1), 0);
    assert_int_equal(read_sized(&watchdog_control_ops, WOR, 2), 0);
    assert_int_equal(read_sized(&watchdog_control_ops, WOR + 2, 4), 0);
    assert_int_equal(read_sized(&watchdog_control_ops, WCS, 8), EN);
    assert_int_equal(read_control(0x018), 0);
    counter = 1050;
    write_sized(&watchdog_refresh_ops, 0, 2, 0);
    write_sized(&watchdog_refresh_ops, 4, 4, 0);
    assert_int_equal(deadline, 1202);
    assert_int_equal(deadline_count, 1);
    write_sized(&watchdog_refresh_ops, 0, 8, 0);
    assert_int_equal(deadline, 1252);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(off_at_first, setup),
        cmocka_unit_test_setup(identification, setup),
        cmocka_unit_test_setup(two_stages, setup),
        cmocka_unit_test_setup(late_look, setup),
        cmocka_unit_test_setup(refreshes, setup),
        cmocka_unit_test_setup(turned_off, setup),
        cmocka_unit_test_setup(compare_value_is_honoured, setup),
        cmocka_unit_test_setup(never, setup),
        cmocka_unit_test_setup(long_offsets, setup),
        cmocka_unit_test_setup(linux_takes_over, setup),
        cmocka_unit_test_setup(boot_takes_longer, setup),
        cmocka_unit_test_setup(started_again, setup),
        cmocka_unit_test_setup(reset, setup),
        cmocka_unit_test_setup(sizes_and_holes, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
