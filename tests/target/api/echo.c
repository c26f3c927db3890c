/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts the calls, and answers with one more than it was given. */
#include <microkit.h>

volatile seL4_Word *received = (volatile seL4_Word *)1;

void init(void)
{
}

void notified(microkit_channel ch)
{
    microkit_notify(ch);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
    (void)ch;
    ++*received;
    received[1] = microkit_msginfo_get_label(info);
    microkit_mr_set(0, microkit_mr_get(0) + 1);
    return microkit_msginfo_new(microkit_msginfo_get_label(info) + 1, 1);
}
