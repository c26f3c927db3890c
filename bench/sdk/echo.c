/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks that it runs, or signals back if it is asked to. */
#include "bench/sdk/bench.h"

struct shared *shared;

void init(void)
{
}

void notified(microkit_channel ch)
{
    if (shared->answer) {
        microkit_notify(ch);
    } else {
        MARK(MARK_END);
    }
}
