/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls the server when it is told to, says so, and says when it is answered. */
#include "tests/target/call/record.h"

#define SERVER 0
#define JUDGE  1

struct record *record = (struct record *)1;

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    record_event(microkit_name[0]);
    microkit_ppcall(SERVER, microkit_msginfo_new(LABEL_RECORD, 0));
    record_event((char)(microkit_name[0] - 'a' + 'A'));
    microkit_notify(JUDGE);
}
