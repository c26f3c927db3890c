/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults when it is told to, and again each time it is answered. */
#include "bench/sdk/bench.h"

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    *(volatile seL4_Word *)0x66660000UL = 0;
}
