/* SPDX-License-Identifier: BSD-2-Clause */
/* Says when it ran, and signals back if it is asked to. */
#include "bench/sdk/bench.h"

struct shared *shared;

void init(void)
{
}

void notified(microkit_channel ch)
{
    shared->ran_at = ticks();
    if (shared->answer) {
        microkit_notify(ch);
    }
}
