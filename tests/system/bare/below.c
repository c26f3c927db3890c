/* SPDX-License-Identifier: BSD-2-Clause */
/* The program below the guest: looks at the counter without end, and adds up all but the gaps. */
#include <microkit.h>
#include <stdint.h>

#include "tests/system/bare/shared.h"

#define GAP \
    32 /* ticks: more than a round of the loop takes, less than a switch to the guest and back */

static inline uint64_t now(void)
{
    uint64_t count;

    __asm__ volatile("isb; mrs %0, cntpct_el0" : "=r"(count) : : "memory");
    return count;
}

void init(void)
{
    volatile struct shared *shared = (volatile struct shared *)SHARED;
    uint64_t last = now();
    uint64_t used = 0;

    for (;;) {
        uint64_t count = now();

        if (count - last <= GAP) {
            used += count - last;
            shared->used = used;
        }
        last = count;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
