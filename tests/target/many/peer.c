/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls whoever signals it, once, and says by which of its channels. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    microkit_mr_set(0, ch);
    (void)microkit_ppcall(ch, microkit_msginfo_new(0, 1));
}
