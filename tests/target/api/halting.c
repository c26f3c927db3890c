/* SPDX-License-Identifier: BSD-2-Clause */
/* Halts: this program only. */
#include <microkit.h>

void init(void)
{
    seL4_DebugHalt();
    seL4_DebugPutString("FAIL halt_returns: it does not\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
