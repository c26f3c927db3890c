/* SPDX-License-Identifier: BSD-2-Clause */
/* See check.h. Linked into every test program on the target. */
#include "tests/target/lib/check.h"

#define PSCI_SYSTEM_OFF 0x84000008UL

#define UART_DATA 0
#define UART_FLAG (0x18 / 4)
#define UART_FULL (1u << 5)

volatile seL4_Uint32 *check_uart = (volatile seL4_Uint32 *)1; /* not .bss: the tool fills it in */

static unsigned int passed_count;
static unsigned int failed_count;

static void put(char c)
{
    if (check_uart == (volatile seL4_Uint32 *)1) {
        microkit_dbg_putc(c);
        return;
    }
    while ((check_uart[UART_FLAG] & UART_FULL) != 0) {
    }
    check_uart[UART_DATA] = (seL4_Uint32)c;
}

static void print_decimal(unsigned int value)
{
    if (value >= 10) {
        print_decimal(value / 10);
    }
    put((char)('0' + value % 10));
}

static void print(const char *text)
{
    for (; *text != '\0'; text++) {
        put(*text);
    }
}

void print_hex(seL4_Word value)
{
    print("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
        if (value >> shift != 0 || shift == 0) {
            put("0123456789abcdef"[value >> shift & 0xf]);
        }
    }
}

static void pass(const char *name)
{
    passed_count++;
    print("PASS ");
    print(name);
    put('\n');
}

static void fail(const char *name)
{
    failed_count++;
    print("FAIL ");
    print(name);
    print(": ");
}

void check(const char *name, bool passed)
{
    if (passed) {
        pass(name);
    } else {
        fail(name);
        print("does not hold\n");
    }
}

void expect_equal(const char *name, seL4_Word found, seL4_Word expected)
{
    if (found == expected) {
        return;
    }
    fail(name);
    print("found ");
    print_hex(found);
    print(", expected ");
    print_hex(expected);
    put('\n');
}

void check_equal(const char *name, seL4_Word found, seL4_Word expected)
{
    if (found == expected) {
        pass(name);
    } else {
        expect_equal(name, found, expected);
    }
}

void check_range(const char *name, seL4_Word found, seL4_Word minimum, seL4_Word maximum)
{
    if (found >= minimum && found <= maximum) {
        pass(name);
        return;
    }
    fail(name);
    print("found ");
    print_hex(found);
    print(", expected ");
    print_hex(minimum);
    print(" to ");
    print_hex(maximum);
    put('\n');
}

seL4_Word firmware(seL4_Word function, seL4_Word argument)
{
    seL4_ARM_SMCContext args = {.x0 = function, .x1 = argument};
    seL4_ARM_SMCContext response;

    microkit_arm_smc_call(&args, &response);
    return response.x0;
}

_Noreturn void check_done(void)
{
    print("DONE ");
    print_decimal(passed_count);
    put(' ');
    print_decimal(failed_count);
    put('\n');
    firmware(PSCI_SYSTEM_OFF, 0);
    for (;;) {
    }
}
