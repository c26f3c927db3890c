/* SPDX-License-Identifier: BSD-2-Clause */
/* See check.h. Linked into every test program on the target. */
#include "tests/target/lib/check.h"

#define PSCI_SYSTEM_OFF 0x84000008UL

static unsigned int passed_count;
static unsigned int failed_count;

void print_hex(seL4_Word value)
{
    microkit_dbg_puts("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
        if (value >> shift != 0 || shift == 0) {
            microkit_dbg_putc("0123456789abcdef"[value >> shift & 0xf]);
        }
    }
}

static void pass(const char *name)
{
    passed_count++;
    microkit_dbg_puts("PASS ");
    microkit_dbg_puts(name);
    microkit_dbg_putc('\n');
}

static void fail(const char *name)
{
    failed_count++;
    microkit_dbg_puts("FAIL ");
    microkit_dbg_puts(name);
    microkit_dbg_puts(": ");
}

void check(const char *name, bool passed)
{
    if (passed) {
        pass(name);
    } else {
        fail(name);
        microkit_dbg_puts("does not hold\n");
    }
}

void expect_equal(const char *name, seL4_Word found, seL4_Word expected)
{
    if (found == expected) {
        return;
    }
    fail(name);
    microkit_dbg_puts("found ");
    print_hex(found);
    microkit_dbg_puts(", expected ");
    print_hex(expected);
    microkit_dbg_putc('\n');
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
    microkit_dbg_puts("found ");
    print_hex(found);
    microkit_dbg_puts(", expected ");
    print_hex(minimum);
    microkit_dbg_puts(" to ");
    print_hex(maximum);
    microkit_dbg_putc('\n');
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
    microkit_dbg_puts("DONE ");
    microkit_dbg_put32(passed_count);
    microkit_dbg_putc(' ');
    microkit_dbg_put32(failed_count);
    microkit_dbg_putc('\n');
    firmware(PSCI_SYSTEM_OFF, 0);
    for (;;) {
    }
}
