/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the debug console's text goes: the UART, a program that has it, and the UART again. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/dev/console.h"
#include "kernel/ipc/debuglog.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/fault.h"
#include "kernel/ipc/report.h"
#include "kernel/lib/log.h"

#define READER  (&pds[1])
#define CHANNEL 9

static void halt(void)
{
    abort();
}

static int setup(void **state)
{
    (void)system_setup(state);
    log_init(console_write, halt);
    log_enable(true);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    debuglog_leave(READER);
    return 0;
}

static void reader_gets(const char *text)
{
    char got[512] = {0};

    assert_int_equal(debuglog_read(got, sizeof(got) - 1), strlen(text));
    assert_string_equal(got, text);
}

static void text_goes_to_whoever_asked(void **state)
{
    (void)state;
    log_line("before");
    report_flush();
    debuglog_take(READER, CHANNEL);
    log_line("after %d", 1);
    assert_string_equal(fake_uart.text, "sluice: before\r\n");
    reader_gets("sluice: after 1\n");
    reader_gets("");
}

static void signal_once_for_each_look(void **state)
{
    (void)state;
    debuglog_take(READER, CHANNEL);
    endpoint_receive(READER);
    log_putc('a');
    assert_int_equal(READER->thread.state, THREAD_RECEIVING);
    log_putc('\n');
    assert_int_equal(READER->thread.state, THREAD_RUNNABLE);
    assert_int_equal(READER->thread.frame.x[0], 1UL << CHANNEL);
    log_line("b");
    assert_int_equal(READER->notification, 0);
    reader_gets("a\nsluice: b\n");
    log_line("c");
    assert_int_equal(READER->notification, 1UL << CHANNEL);
}

static void long_lines_are_told_of_too(void **state)
{
    (void)state;
    debuglog_take(READER, CHANNEL);
    for (unsigned int i = 0; i < CONSOLE_SIZE / 2 + 1; i++) {
        log_putc('x');
    }
    assert_int_equal(READER->notification, 1UL << CHANNEL);
}

static void what_is_lost_is_counted(void **state)
{
    static char text[CONSOLE_SIZE + 1];

    (void)state;
    debuglog_take(READER, CHANNEL);
    for (unsigned int i = 0; i < CONSOLE_SIZE + 7; i++) {
        log_putc(i < CONSOLE_SIZE ? 'x' : 'y');
    }
    assert_int_equal(debuglog_read(text, 100), 100);
    assert_int_equal(debuglog_read(text, CONSOLE_SIZE), CONSOLE_SIZE - 100);
    assert_null(strchr(text, 'y'));
    reader_gets("sluice: 7 characters were lost\n");
}

static void reader_that_faults_gives_it_back(void **state)
{
    static const char expected[] = "sluice: unread\r\nsluice: pd1 stopped by a fault\r\n";

    (void)state;
    debuglog_take(READER, CHANNEL);
    log_line("unread");
    fault_vm(&READER->thread, 0, false, 0x92000006);
    report_flush();
    assert_memory_equal(fake_uart.text, expected, sizeof(expected) - 1);
    log_line("later");
    report_flush();
    assert_non_null(strstr(fake_uart.text, "\nsluice: later\r\n"));
}

static void others_that_fault_change_nothing(void **state)
{
    (void)state;
    debuglog_take(READER, CHANNEL);
    fault_vm(&pds[2].thread, 0, false, 0x92000006);
    (void)report_drain();
    assert_int_equal(fake_uart.size, 0);
    reader_gets("sluice: pd2 stopped by a fault\n");
    assert_true(report_is_ready());
    (void)report_drain();
    assert_false(report_is_ready());
    assert_true(report_is_due());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_goes_to_whoever_asked),       TEST(signal_once_for_each_look),
        TEST(long_lines_are_told_of_too),       TEST(what_is_lost_is_counted),
        TEST(reader_that_faults_gives_it_back), TEST(others_that_fault_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
