/* SPDX-License-Identifier: BSD-2-Clause */
/* Always wants the core. */
#include <microkit.h>

void init(void)
{
    for (;;) {
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
