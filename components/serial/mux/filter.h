/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes out of a client's output what does not fit where it is shown. */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_FILTER_H
#define SLUICE_COMPONENTS_SERIAL_MUX_FILTER_H

#include "components/serial/mux/escape.h"

#define FILTER_SEQUENCE 32 /* bytes; longer sequences are dropped */

enum filter_kind {
    FILTER_REPLAY, /* what a terminal would answer: it did so when it was shown first */
    FILTER_LINES,  /* all but text, tabulators, newlines and colours */
};

struct filter {
    struct escape escape;
    uint32_t count; /* of the sequence, also beyond its end here */
    uint8_t sequence[FILTER_SEQUENCE];
};

/* The next byte. Returns how many bytes of `out`, FILTER_SEQUENCE long, come out. */
uint32_t filter_feed(struct filter *filter, enum filter_kind kind, uint8_t byte, uint8_t *out);
/* A sequence that is begun comes out as far as it is; for what goes on unfiltered. */
uint32_t filter_flush(struct filter *filter, uint8_t *out);

#endif
