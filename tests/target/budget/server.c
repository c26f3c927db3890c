/* SPDX-License-Identifier: BSD-2-Clause */
/* Works for its caller, on its caller's time. */
#include "tests/target/budget/shares.h"

volatile seL4_Word *shares = (seL4_Word *)1;

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    shares_spin(milliseconds(1) / 4);
    return msginfo;
}
