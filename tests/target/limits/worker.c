/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts the time during which it has the core, in counter ticks. */
#include "tests/target/lib/check.h"

volatile seL4_Word *shares = (seL4_Word *)1;

void init(void)
{
    seL4_Word last = counter();

    for (;;) {
        seL4_Word now = counter();

        if (now - last < milliseconds(1) / 50) { /* else somebody was in between */
            shares[0] += now - last;
        }
        last = now;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
