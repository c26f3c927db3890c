/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults under another name. */
#include <microkit.h>

void init(void)
{
    seL4_DebugNameThread(TCB_CAP, "nickname");
    microkit_internal_crash(seL4_NoError);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
