/* SPDX-License-Identifier: BSD-2-Clause */
/* Uses nearly all of its budget, says so, and from then on answers each signal. */
#include "tests/target/lib/check.h"

#define JUDGE 2

void init(void)
{
    spin(milliseconds(19) / 20);
    microkit_notify(JUDGE);
}

void notified(microkit_channel ch)
{
    microkit_notify(ch);
}
