/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the debug console's text in place of the UART: lines of programs below it, and the kernel's
 * reports of their faults. What it prints itself goes to the UART.
 */
#include "tests/target/lib/check.h"

#define CHANNEL  7
#define ENOUGH   8192
#define LAST_ROW "x28-x29"

static char text[ENOUGH];
static seL4_Word length;
static unsigned int signals;

static bool has(const char *wanted)
{
    for (const char *at = text; *at != '\0'; at++) {
        const char *a = at;
        const char *b = wanted;

        while (*b != '\0' && *a == *b) {
            a++;
            b++;
        }
        if (*b == '\0') {
            return true;
        }
    }
    return false;
}

static bool is_complete(const char *name)
{
    return has(name) && has(LAST_ROW);
}

static void forget(void)
{
    for (seL4_Word i = 0; i < length; i++) {
        text[i] = '\0';
    }
    length = 0;
}

static void read_all(void)
{
    seL4_Word count;

    do {
        count = microkit_dbg_read(CHANNEL, text + length, ENOUGH - 1 - length);
        length += count;
    } while (count != 0);
}

void init(void)
{
    microkit_dbg_puts("before\n"); /* to the UART: nobody has asked yet */
    check_equal("nothing_waits", microkit_dbg_read(CHANNEL, text, ENOUGH), 0);
    microkit_dbg_puts("after\n");
    check_equal("a_part", microkit_dbg_read(CHANNEL, text, 3), 3);
    length = 3;
    read_all();
    check("own_text_is_read", has("after\n") && !has("before"));
    forget();
}

void notified(microkit_channel ch)
{
    check("signal_comes_by_its_channel", ch == CHANNEL);
    signals++;
    read_all();
    if (is_complete("greedy stopped by a fault\n")) {
        check("read_of_others_is_refused",
              has("greedy microkit_dbg_read: error 2 with channel '5'\n"));
        check_done();
    }
    if (is_complete("sluice: crash stopped by a fault\n")) {
        check("text_of_programs", has("this is crash\n"));
        check("report_of_the_kernel", has("sluice:   cause:    cannot write 0x1230"));
        check("signals_are_few", signals < 50);
        forget();
    }
}
