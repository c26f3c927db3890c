/* SPDX-License-Identifier: BSD-2-Clause */
/* A child that never runs on its own account: the judge looks at it, and moves it about. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}
