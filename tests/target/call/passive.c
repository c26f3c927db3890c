/* SPDX-License-Identifier: BSD-2-Clause */
/* The passive server: runs on its callers' time, at its own priority. */
#include "tests/target/call/record.h"

#define TO_SERVER 6

struct record *record = (struct record *)1;

void init(void)
{
    record_event('i');
}

void notified(microkit_channel ch)
{
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    seL4_Word label = microkit_msginfo_get_label(msginfo);

    if (label == LABEL_SIGNAL) {
        microkit_notify(TO_SERVER);
        record_event('p'); /* before the server, whose priority is lower */
    } else if (label == LABEL_PASSIVE) {
        microkit_mr_set(0, microkit_passive);
    } else {
        microkit_mr_set(0, microkit_mr_get(0) + ch);
    }
    return microkit_msginfo_new(label + LABEL_ANSWER, 1);
}
