/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this system ask of each other, and where they write down the order. */
#ifndef SLUICE_TESTS_TARGET_CALL_RECORD_H
#define SLUICE_TESTS_TARGET_CALL_RECORD_H

#include <microkit.h>

#define RECORD_MAX 64

struct record {
    volatile unsigned int count;
    volatile char events[RECORD_MAX];
};

extern struct record *record;

static inline void record_event(char event)
{
    if (record->count < RECORD_MAX) {
        record->events[record->count] = event;
        record->count += 1;
    }
}

/* Labels of calls. The answer's label is the request's plus LABEL_ANSWER. */
#define LABEL_ECHO    1 /* every word plus the channel's number at the server's end */
#define LABEL_NESTED  2 /* the server passes it on to the passive server */
#define LABEL_RECORD  3 /* the server writes down who called */
#define LABEL_SIGNAL  4 /* the passive server notifies the server, which is below it */
#define LABEL_PASSIVE 5 /* word 0: microkit_passive */
#define LABEL_LONG    0x8000000000000UL
#define LABEL_ANSWER  0x10

#endif
