/* SPDX-License-Identifier: BSD-2-Clause */
/* Shares the guest's core, and answers. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    microkit_notify(ch);
}
