/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits, and is signalled. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}
