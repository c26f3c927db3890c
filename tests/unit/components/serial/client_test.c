/* SPDX-License-Identifier: BSD-2-Clause */
#include "components/serial/client.h"

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"

#define CHANNEL 5

static struct console_region region;
static struct console_client client;
/* The multiplexer's sides. */
static struct ring out;
static struct ring in;
static bool wake;

static unsigned int signals(void)
{
    unsigned int count = fake.notify_count[CHANNEL];

    fake.notify_count[CHANNEL] = 0;
    return count;
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    fake_clock.now = 1000;
    memset(&region, 0, sizeof(region));
    console_client_init(&client, &region, CHANNEL, CONSOLE_GUEST, "linux");
    ring_consumer_init(&out, &region.out, region.out_data, CONSOLE_OUT_SIZE);
    ring_producer_init(&in, &region.in, region.in_data, CONSOLE_IN_SIZE);
    wake = false;
    (void)signals();
    return 0;
}

static void says_that_it_is_there(void **state)
{
    char name[100];

    (void)state;
    memset(name, 'n', sizeof(name));
    name[99] = '\0';
    memset(&region, 0, sizeof(region));
    console_client_init(&client, &region, CHANNEL, CONSOLE_GUEST, name);
    assert_true(console_client_is_connected(&client));
    assert_int_equal(region.status.magic, CONSOLE_MAGIC);
    assert_int_equal(region.status.kind, CONSOLE_GUEST);
    assert_int_equal(region.status.state, CONSOLE_STATE_NONE);
    assert_int_equal(strlen(region.status.name), CONSOLE_NAME_LENGTH - 1);
    assert_true(signals() > 0);
}

static void without_multiplexer_nothing_happens(void **state)
{
    uint16_t columns;
    uint16_t rows;
    char byte;

    (void)state;
    console_client_init(&client, NULL, CHANNEL, CONSOLE_GUEST, "linux");
    assert_false(console_client_is_connected(&client));
    assert_int_equal(console_client_write(&client, "abc", 3), 3); /* or callers would wait */
    assert_true(console_client_room(&client) > 0);
    assert_int_equal(console_client_read(&client, &byte, 1), 0);
    assert_false(console_client_take_break(&client));
    console_client_log(&client, "line");
    assert_int_equal(console_client_command(&client), CONSOLE_NOTHING);
    assert_false(console_client_size(&client, &columns, &rows));
    console_client_set_state(&client, CONSOLE_STATE_RUNNING);
    console_client_set_memory(&client, 1);
    console_client_set_faults(&client, 1);
    console_client_set_watchdog(&client, 1);
    assert_int_equal(signals(), 0);
}

static void writes_until_the_ring_is_full(void **state)
{
    static uint8_t bytes[CONSOLE_OUT_SIZE];

    (void)state;
    (void)ring_wait_data(&out);
    assert_int_equal(console_client_write(&client, bytes, 10), 10);
    assert_int_equal(signals(), 1);
    assert_int_equal(console_client_write(&client, bytes, 10), 10);
    assert_int_equal(signals(), 0);
    assert_int_equal(console_client_write(&client, bytes, CONSOLE_OUT_SIZE), CONSOLE_OUT_SIZE - 20);
    assert_int_equal(console_client_room(&client), 0);
    /* The signal comes with a quarter of the ring. */
    (void)ring_read(&out, bytes, CONSOLE_OUT_SIZE / 4 - 1, &wake);
    assert_false(wake);
    (void)ring_read(&out, bytes, 1, &wake);
    assert_true(wake);
}

static void reads_what_was_typed(void **state)
{
    char bytes[8];

    (void)state;
    (void)ring_write(&in, "hello", 5, &wake);
    wake = false;
    assert_int_equal(console_client_read(&client, bytes, 2), 2);
    (void)ring_write(&in, "!", 1, &wake);
    assert_false(wake); /* it has not read all */
    assert_int_equal(console_client_read(&client, bytes, 8), 4);
    assert_memory_equal(bytes, "llo!", 4);
    (void)ring_write(&in, "x", 1, &wake);
    assert_true(wake);
}

static void wakes_who_waits_for_room(void **state)
{
    static uint8_t bytes[CONSOLE_IN_SIZE];

    (void)state;
    (void)ring_write(&in, bytes, CONSOLE_IN_SIZE, &wake);
    assert_false(ring_wait_room(&in, 1));
    (void)console_client_read(&client, bytes, 1);
    assert_int_equal(signals(), 1);
}

static void send_break(void)
{
    region.control.break_at = in.index;
    region.control.break_count++;
}

static void breaks_keep_their_place(void **state)
{
    char bytes[8];

    (void)state;
    (void)ring_write(&in, "ab", 2, &wake);
    send_break();
    (void)ring_write(&in, "h", 1, &wake);
    assert_false(console_client_take_break(&client));
    assert_int_equal(console_client_read(&client, bytes, 8), 2);
    assert_int_equal(console_client_read(&client, bytes, 8), 0);
    assert_true(console_client_take_break(&client));
    assert_false(console_client_take_break(&client));
    assert_int_equal(console_client_read(&client, bytes, 8), 1);
    assert_int_equal(bytes[0], 'h');
    send_break();
    assert_true(console_client_take_break(&client));
}

/* Its place was passed, or cannot be. */
static void break_from_nowhere_comes_at_once(void **state)
{
    char bytes[8];

    (void)state;
    (void)ring_write(&in, "abc", 3, &wake);
    send_break();
    region.control.break_at = 0x80000000;
    assert_int_equal(console_client_read(&client, bytes, 8), 0);
    assert_true(console_client_take_break(&client));
    assert_int_equal(console_client_read(&client, bytes, 8), 3);
}

static void breaks_wait_for_their_bytes(void **state)
{
    char bytes[8];

    (void)state;
    send_break();
    region.control.break_at += 2;
    (void)ring_write(&in, "a", 1, &wake);
    assert_int_equal(console_client_read(&client, bytes, 8), 1);
    assert_false(console_client_take_break(&client));
    (void)ring_write(&in, "bc", 2, &wake);
    assert_int_equal(console_client_read(&client, bytes, 8), 1);
    assert_true(console_client_take_break(&client));
}

/* However often it changes: a call ends. */
static void nonsense_ends(void **state)
{
    char bytes[8];

    (void)state;
    region.in.head = 0x12345;
    assert_int_equal(console_client_read(&client, bytes, 8), 0);
    region.out.tail = 0x12345;
    assert_int_equal(console_client_write(&client, bytes, 8), 0);
}

static void log_lines_are_whole(void **state)
{
    static char line[CONSOLE_LOG_SIZE];
    struct ring log;
    char bytes[8];

    (void)state;
    ring_consumer_init(&log, &region.log, region.log_data, CONSOLE_LOG_SIZE);
    console_client_log(&client, "hi");
    assert_int_equal(ring_read(&log, bytes, 8, &wake), 3);
    assert_memory_equal(bytes, "hi\n", 3);
    memset(line, 'x', sizeof(line) - 1);
    console_client_log(&client, line);
    console_client_log(&client, "lost");
    assert_int_equal(ring_used(&log), CONSOLE_LOG_SIZE);
}

static void commands_are_taken_once_and_answered(void **state)
{
    (void)state;
    assert_int_equal(console_client_command(&client), CONSOLE_NOTHING);
    region.control.command = CONSOLE_COMMAND(1, CONSOLE_RESTART);
    assert_int_equal(console_client_command(&client), CONSOLE_RESTART);
    assert_int_equal(region.status.answered, CONSOLE_COMMAND(1, CONSOLE_RESTART));
    assert_int_equal(signals(), 1);
    assert_int_equal(console_client_command(&client), CONSOLE_NOTHING);
    region.control.command = CONSOLE_COMMAND(2, CONSOLE_RESTART);
    assert_int_equal(console_client_command(&client), CONSOLE_RESTART);
}

/* One that began before the client did is none of its own. */
static void old_commands_are_not_taken(void **state)
{
    (void)state;
    region.control.command = CONSOLE_COMMAND(3, CONSOLE_STOP);
    region.control.break_count = 2;
    console_client_init(&client, &region, CHANNEL, CONSOLE_GUEST, "linux");
    assert_int_equal(console_client_command(&client), CONSOLE_NOTHING);
    assert_false(console_client_take_break(&client));
}

static void status(void **state)
{
    uint16_t columns;
    uint16_t rows;

    (void)state;
    console_client_set_memory(&client, 0x10000000);
    console_client_set_state(&client, CONSOLE_STATE_RUNNING);
    assert_int_equal(region.status.memory, 0x10000000);
    console_client_set_faults(&client, 3);
    assert_int_equal(region.status.faults, 3);
    assert_int_equal(region.status.since, 1000);
    assert_int_equal(region.status.starts, 1);
    console_client_set_state(&client, CONSOLE_STATE_OFF);
    assert_int_equal(region.status.state, CONSOLE_STATE_OFF);
    assert_int_equal(region.status.starts, 1);
    assert_int_equal(signals(), 2);
    assert_false(console_client_size(&client, &columns, &rows));
    region.control.columns = 132;
    region.control.rows = 50;
    assert_true(console_client_size(&client, &columns, &rows));
    assert_int_equal(columns, 132);
    assert_int_equal(rows, 50);
}

static void watchdog_signals_if_it_must(void **state)
{
    (void)state;
    console_client_set_watchdog(&client, 5000);
    assert_int_equal(signals(), 1);
    console_client_set_watchdog(&client, 6000);
    assert_int_equal(signals(), 0);
    console_client_set_watchdog(&client, 4000);
    assert_int_equal(signals(), 1);
    fake_clock.now = 4001; /* it may have been acted on */
    console_client_set_watchdog(&client, 7000);
    assert_int_equal(signals(), 1);
    console_client_set_watchdog(&client, 0);
    assert_int_equal(signals(), 0);
    assert_int_equal(region.status.watchdog, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(says_that_it_is_there, setup),
        cmocka_unit_test_setup(without_multiplexer_nothing_happens, setup),
        cmocka_unit_test_setup(writes_until_the_ring_is_full, setup),
        cmocka_unit_test_setup(reads_what_was_typed, setup),
        cmocka_unit_test_setup(wakes_who_waits_for_room, setup),
        cmocka_unit_test_setup(breaks_keep_their_place, setup),
        cmocka_unit_test_setup(break_from_nowhere_comes_at_once, setup),
        cmocka_unit_test_setup(breaks_wait_for_their_bytes, setup),
        cmocka_unit_test_setup(nonsense_ends, setup),
        cmocka_unit_test_setup(log_lines_are_whole, setup),
        cmocka_unit_test_setup(commands_are_taken_once_and_answered, setup),
        cmocka_unit_test_setup(old_commands_are_not_taken, setup),
        cmocka_unit_test_setup(status, setup),
        cmocka_unit_test_setup(watchdog_signals_if_it_must, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
