/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts for as long as it runs. */
#include <microkit.h>

volatile seL4_Word *count = (volatile seL4_Word *)1;

void init(void)
{
    for (;;) {
        ++*count;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
