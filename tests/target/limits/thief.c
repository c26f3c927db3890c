/* SPDX-License-Identifier: BSD-2-Clause */
/* Stops a timer that is another program's. */
#include "tests/target/lib/check.h"

void init(void)
{
    timer_stop();
}

void notified(microkit_channel ch)
{
    (void)ch;
}
