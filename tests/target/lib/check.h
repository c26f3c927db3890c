/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a test program on the target reports: a line "PASS <name>" or "FAIL <name>: …" a check, and
 * a last line "DONE <passed> <failed>". One program of a system, its judge, calls these; it has
 * smc="true" to end the machine. tests/system/test_target.py reads the lines.
 */
#ifndef SLUICE_TESTS_TARGET_LIB_CHECK_H
#define SLUICE_TESTS_TARGET_LIB_CHECK_H

#include <microkit.h>

/* Lines go to the debug console; where there is none, to the PL011 that the description maps with
 * setvar_vaddr="check_uart". */
extern volatile seL4_Uint32 *check_uart;

void check(const char *name, bool passed);
void check_equal(const char *name, seL4_Word found, seL4_Word expected);
/* minimum <= found <= maximum */
void check_range(const char *name, seL4_Word found, seL4_Word minimum, seL4_Word maximum);
/* Part of a check that has many: only failures are printed, and are counted. */
void expect_equal(const char *name, seL4_Word found, seL4_Word expected);
/* Prints the last line and turns the machine off. */
_Noreturn void check_done(void);

void print_hex(seL4_Word value);

/* What `function` of the firmware answers in x0. */
seL4_Word firmware(seL4_Word function, seL4_Word argument);

static inline seL4_Word counter(void)
{
    seL4_Word value;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value) : : "memory");
    return value;
}

/* By the core that there is: later ones of QEMU 10 count 1 GHz, and CONFIG_TIMER_FREQUENCY is the
 * board's. */
static inline seL4_Word milliseconds(seL4_Word count)
{
    seL4_Word frequency;

    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    return count * (frequency / 1000);
}

static inline void spin(seL4_Word ticks)
{
    seL4_Word end = counter() + ticks;

    while (counter() < end) {
    }
}

/* The EL1 physical timer, INTID 30. */
static inline void timer_start(seL4_Word ticks)
{
    __asm__ volatile("msr cntp_cval_el0, %0\n\t"
                     "msr cntp_ctl_el0, %1\n\t"
                     "isb"
                     :
                     : "r"(counter() + ticks), "r"(1UL)
                     : "memory");
}

static inline void timer_stop(void)
{
    __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb" : : : "memory");
}

#endif
