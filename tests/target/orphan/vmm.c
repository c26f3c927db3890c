/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts its guest, and faults a moment later. */
#include "tests/target/lib/check.h"

#define VCPU  3
#define ENTRY 0x40000000UL

void init(void)
{
    microkit_vcpu_restart(VCPU, ENTRY);
    timer_start(milliseconds(20));
}

void notified(microkit_channel ch)
{
    (void)ch;
    timer_stop();
    microkit_internal_crash(seL4_NoError);
}
