/* SPDX-License-Identifier: BSD-2-Clause */
/* The active server. */
#include "tests/target/call/record.h"

#define TO_PASSIVE  3
#define FROM_FIRST  21
#define FROM_SECOND 22

struct record *record = (struct record *)1;

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    record_event('n');
}

static microkit_msginfo echo(microkit_channel ch, microkit_msginfo msginfo)
{
    seL4_Word count = microkit_msginfo_get_count(msginfo);

    for (seL4_Word i = 0; i < count; i++) {
        microkit_mr_set((seL4_Uint8)i, microkit_mr_get((seL4_Uint8)i) + ch);
    }
    return microkit_msginfo_new(microkit_msginfo_get_label(msginfo) + LABEL_ANSWER,
                                (seL4_Uint16)count);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    switch (microkit_msginfo_get_label(msginfo)) {
    case LABEL_NESTED:
        return microkit_ppcall(TO_PASSIVE, microkit_msginfo_new(LABEL_ECHO, 1));
    case LABEL_RECORD:
        record_event(ch == FROM_FIRST ? '1' : ch == FROM_SECOND ? '2' : '?');
        return microkit_msginfo_new(LABEL_RECORD, 0);
    default:
        return echo(ch, msginfo);
    }
}
