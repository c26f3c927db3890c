/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts how often its core enters the kernel: an exclusive store fails if there was an exception
 * return since the load (Arm ARM B2.9.5).
 */
#include "tests/target/neighbour/record.h"

volatile struct record *record = (volatile struct record *)1;

/* The loop between them is long beside all else, and lets an emulator interrupt it. */
static seL4_Word is_interrupted(void)
{
    seL4_Word count = 100;
    seL4_Word value;
    seL4_Uint32 failed;

    __asm__ volatile("ldxr %0, [%3]\n"
                     "1: subs %2, %2, #1\n"
                     "b.ne 1b\n"
                     "stxr %w1, %0, [%3]"
                     : "=&r"(value), "=&r"(failed), "+r"(count)
                     : "r"(&record->exclusive)
                     : "memory", "cc");
    return failed;
}

void init(void)
{
    for (;;) {
        record->interrupted += is_interrupted();
        record->rounds++;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
