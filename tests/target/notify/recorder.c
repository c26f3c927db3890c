/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes down each notification. The low one wakes the judge when it has been through a word. */
#include "tests/target/notify/record.h"

struct record *record = (struct record *)1;

void init(void)
{
    record_event(RECORD_START);
}

void notified(microkit_channel ch)
{
    record_event((seL4_Uint8)ch);
    if (microkit_name[0] == 'l') {
        microkit_deferred_notify(LOW_TO_JUDGE); /* once, after the last of them */
    }
}
