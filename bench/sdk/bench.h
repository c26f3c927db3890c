/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time in executed instructions: QEMU runs with -icount shift=0, one nanosecond an instruction, so
 * a tick of the 62.5 MHz counter is sixteen. Averages over many rounds repeat exactly.
 */
#ifndef SLUICE_BENCH_SDK_BENCH_H
#define SLUICE_BENCH_SDK_BENCH_H

#include <microkit.h>

#define INSTRUCTIONS_PER_TICK 16
#define ROUNDS                10000

struct shared {
    volatile seL4_Word ran_at; /* when echo's notified() began */
    volatile seL4_Word answer; /* echo signals back */
};

static inline seL4_Word ticks(void)
{
    seL4_Word value;

    __asm__ volatile("mrs %0, cntpct_el0" : "=r"(value) : : "memory");
    return value;
}

#endif
