/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock's alarm (PL031) goes off and is never cleared: each ack lets it fire again. */
#include <microkit.h>

#include "tests/target/direct/shares.h"

#define VMM   0
#define ALARM 1

#define RTCDR   0
#define RTCMR   1
#define RTCIMSC 4

volatile seL4_Uint32 *rtc = (seL4_Uint32 *)1;
volatile seL4_Word *shares = (seL4_Word *)1;

void init(void)
{
}

void notified(microkit_channel ch)
{
    if (ch == VMM) {
        rtc[RTCIMSC] = 1;
        rtc[RTCMR] = rtc[RTCDR];
        return;
    }
    shares[STORMS]++;
    microkit_irq_ack(ALARM);
}
