/* SPDX-License-Identifier: BSD-2-Clause */
/* The region in which the programs of this system write down what happens, in order. */
#ifndef SLUICE_TESTS_TARGET_NOTIFY_RECORD_H
#define SLUICE_TESTS_TARGET_NOTIFY_RECORD_H

#include <microkit.h>

#define RECORD_MAX   64
#define RECORD_START 100 /* an event: the program ran init() */

/* Where a recorder tells the judge that it is done. */
#define LOW_TO_JUDGE 1

struct record {
    volatile unsigned int count;
    volatile struct {
        char who; /* first letter of the program's name */
        seL4_Uint8 event;
    } events[RECORD_MAX];
};

extern struct record *record;

static inline void record_event(seL4_Uint8 event)
{
    unsigned int index = record->count;

    if (index < RECORD_MAX) {
        record->events[index].who = microkit_name[0];
        record->events[index].event = event;
        record->count = index + 1;
    }
}

#endif
