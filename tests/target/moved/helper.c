/* SPDX-License-Identifier: BSD-2-Clause */
/* On another core: answers through the region. */
#include <microkit.h>

#define SIZE 0x200000UL

volatile seL4_Word *taken = (volatile seL4_Word *)1;

void init(void)
{
}

void notified(microkit_channel ch)
{
    taken[SIZE / sizeof(*taken) - 1] = taken[0] + 1;
    microkit_notify(ch);
}
