/* SPDX-License-Identifier: BSD-2-Clause */
/* Always wants the core. */
#include <microkit.h>

void init(void)
{
    for (;;) {
        __asm__ volatile("yield" : : : "memory");
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
