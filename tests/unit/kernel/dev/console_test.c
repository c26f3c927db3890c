/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug console's text, with a UART that is slower than who prints, or off. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/dev/console.h"
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
    log_init(console_put, halt);
    log_set_flush(console_flush);
    log_enable(true);
    return 0;
}

static void uart_has(const char *text)
{
    assert_string_equal(fake_uart.text, text);
}

static void text_goes_out_at_once(void **state)
{
    (void)state;
    log_line("a");
    uart_has("sluice: a\r\n");
    assert_false(console_drain());
}

static void text_waits_and_nothing_is_lost(void **state)
{
    (void)state;
    fake_uart.room = 9; /* the carriage return is out, the line feed is not */
    log_line("a");
    log_line("b");
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
    while (console_drain()) {
    }
    assert_non_null(strstr(fake_uart.text, "xsluice: the kernel's lines have room\r\nx"));
}

static void uart_that_is_off_loses_text_in_the_end(void **state)
{
    (void)state;
    fake_uart.room = 0;
    host.counter = 1;
    log_line("a");
    host.counter += QUARTER;
    assert_true(console_drain());
    host.counter += 1;
    assert_false(console_drain());
    fake_uart.room = 1000;
    log_line("b");
    uart_has("sluice: b\r\nsluice: 10 characters were lost\r\n");
}

static void full_ring_counts(void **state)
{
    (void)state;
    fake_uart.room = 0;
    for (unsigned int i = 0; i < CONSOLE_SIZE + 5; i++) {
        console_put('x');
    }
    fake_uart.room = 2 * CONSOLE_SIZE;
    while (console_drain()) {
    }
    console_put('\n');
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
        TEST(text_goes_out_at_once),
        TEST(text_waits_and_nothing_is_lost),
        TEST(what_one_look_sends_is_bounded),
        TEST(program_that_prints_asks_again),
        TEST(uart_that_is_off_loses_text_in_the_end),
        TEST(full_ring_counts),
        TEST(panic_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
