/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug console's text, with a UART that is slower than who prints, or off. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/dev/console.h"
#include "kernel/ipc/fault.h"
#include "kernel/ipc/report.h"
#include "kernel/lib/log.h"
#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"

#define QUARTER 250000 /* of a second, in ticks of the host's counter */
#define PROGRAM (&pds[0])

static jmp_buf halted;

static void halt(void)
{
    longjmp(halted, 1);
}

static int setup(void **state)
{
    (void)system_setup(state);
    log_init(console_write, halt);
    log_set_flush(console_flush);
    log_enable(true);
    return 0;
}

static void uart_has(const char *text)
{
    assert_string_equal(fake_uart.text, text);
}

static void drain(void)
{
    while (console_drain()) {
    }
}

/* The kernel prints with interrupts masked: it sends on its way out, and so much. */
static void text_goes_out_by_looks_alone(void **state)
{
    (void)state;
    log_line("a line of some length");
    uart_has("");
    assert_false(console_is_empty());
    assert_true(console_drain());
    uart_has("sluice: a line o");
    assert_false(console_drain());
    uart_has("sluice: a line of some length\r\n");
    assert_true(console_is_empty());
}

static void long_lines_are_cut(void **state)
{
    static char expected[LOG_LINE + 2];
    static char name[2 * LOG_LINE];

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    (void)snprintf(expected, sizeof(expected), "sluice: %.*s\r\n", LOG_LINE - 9, name);
    log_line("%s+0x%x", name, 1);
    drain();
    uart_has(expected);
}

static void text_waits_and_nothing_is_lost(void **state)
{
    (void)state;
    fake_uart.room = 9; /* the carriage return is out, the line feed is not */
    log_line("a");
    log_line("b");
    assert_true(console_drain());
    uart_has("sluice: a");
    fake_uart.room = 1;
    assert_true(console_drain());
    uart_has("sluice: a\r");
    while (fake_uart.room = 3, console_drain()) {
    }
    uart_has("sluice: a\r\nsluice: b\r\n");
}

/* However much waits, and however fast the UART is. */
static void what_one_look_sends_is_bounded(void **state)
{
    (void)state;
    fake_uart.room = 0;
    for (unsigned int i = 0; i < 1000; i++) {
        log_putc('x');
    }
    fake_uart.room = 1000;
    assert_true(console_drain());
    assert_true(fake_uart.size <= 32);
}

static void program_that_prints_asks_again(void **state)
{
    uint64_t *pc = &PROGRAM->thread.frame.pc;

    (void)state;
    fake_uart.room = 0;
    PROGRAM->thread.frame.x[0] = 'x';
    for (unsigned int i = 0; i < 2 * CONSOLE_SIZE && *pc == 0; i++) {
        debug_putc(PROGRAM);
    }
    assert_int_equal(*pc, (uint64_t)-4); /* at its SVC */
    assert_int_equal(PROGRAM->thread.state, THREAD_RUNNABLE);
    assert_int_equal(PROGRAM->thread.frame.x[0], 'x');
    log_line("the kernel's lines have room");
    fake_uart.room = CONSOLE_SIZE;
    do {
        *pc = 0;
        debug_putc(PROGRAM);
    } while (*pc != 0);
    drain();
    assert_non_null(strstr(fake_uart.text, "xsluice: the kernel's lines have room\r\nx"));
}

/* So that nothing comes between its lines, and it comes at all. */
static void program_that_prints_waits_for_reports(void **state)
{
    uint64_t *pc = &PROGRAM->thread.frame.pc;

    (void)state;
    fault_vm(&pds[1].thread, 0, false, 0x92000006);
    PROGRAM->thread.frame.x[0] = 'x';
    do {
        *pc = 0;
        debug_putc(PROGRAM);
        (void)report_drain();
    } while (*pc != 0);
    drain();
    assert_non_null(strstr(fake_uart.text, "sluice:   x28-x29:"));
    assert_int_equal(fake_uart.text[fake_uart.size - 1], 'x');
}

static void uart_that_is_off_loses_text_in_the_end(void **state)
{
    (void)state;
    fake_uart.room = 0;
    host.counter = 1;
    log_line("a");
    assert_true(console_drain());
    host.counter += QUARTER;
    assert_true(console_drain());
    host.counter += 1;
    assert_false(console_drain());
    fake_uart.room = 1000;
    log_line("b");
    drain();
    uart_has("sluice: b\r\nsluice: 10 characters were lost\r\n");
}

static void full_ring_counts(void **state)
{
    (void)state;
    fake_uart.room = 0;
    for (unsigned int i = 0; i < CONSOLE_SIZE + 5; i++) {
        console_write("x", 1);
    }
    fake_uart.room = 2 * CONSOLE_SIZE;
    drain();
    console_write("\n", 1);
    drain();
    assert_int_equal(2 * CONSOLE_SIZE - fake_uart.room,
                     CONSOLE_SIZE + strlen("\r\nsluice: 5 characters were lost\r\n"));
}

/* Behind what was on its way, whole. */
static void panic_waits(void **state)
{
    (void)state;
    fake_uart.room = 0;
    log_line("a");
    fake_uart.room = UINT32_MAX;
    if (setjmp(halted) == 0) {
        panic("what: expected x, found %u", 1U);
    }
    uart_has("sluice: a\r\n\r\nsluice: panic: what: expected x, found 1\r\n");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_goes_out_by_looks_alone),
        TEST(long_lines_are_cut),
        TEST(text_waits_and_nothing_is_lost),
        TEST(what_one_look_sends_is_bounded),
        TEST(program_that_prints_asks_again),
        TEST(program_that_prints_waits_for_reports),
        TEST(uart_that_is_off_loses_text_in_the_end),
        TEST(full_ring_counts),
        TEST(panic_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
