/* SPDX-License-Identifier: BSD-2-Clause */
/* The hammer's child: runs, wherever its registers are set to. */
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
