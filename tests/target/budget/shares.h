/* SPDX-License-Identifier: BSD-2-Clause */
/* How long each program ran, by the first letter of its name, in counter ticks. */
#ifndef SLUICE_TESTS_TARGET_BUDGET_SHARES_H
#define SLUICE_TESTS_TARGET_BUDGET_SHARES_H

#include "tests/target/lib/check.h"

extern volatile seL4_Word *shares;

/* Longer between two looks at the clock, and somebody else was running. */
#define SHARES_GAP (milliseconds(1) / 50)

/* Runs for `ticks` of its own or others' time, and counts its own. */
static inline void shares_spin(seL4_Word ticks)
{
    seL4_Word last = counter();
    seL4_Word end = last + ticks;

    while (last < end) {
        seL4_Word now = counter();

        if (now - last < SHARES_GAP) {
            shares[microkit_name[0] - 'a'] += now - last;
        }
        last = now;
    }
}

#endif
