/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal's size, by asking it: the cursor goes to the far corner, and the terminal reports
 * where that is (DSR 6, answered by CPR), among what is typed. A report that a client asked for at
 * the same time may be taken for it.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_SIZE_H
#define SLUICE_COMPONENTS_SERIAL_MUX_SIZE_H

#include "components/serial/mux/mux.h"

void size_ask(struct mux *mux);
/* Sends the question when it fits; gives up when no answer comes. True: something was put. */
bool size_put(struct mux *mux);

enum size_match {
    SIZE_NONE,   /* the bytes are no report */
    SIZE_BEGINS, /* they may become one */
    SIZE_TAKEN,  /* `*count` of them are one */
};
/* Looks for a report at the start of what was typed; passes it on to all clients. */
enum size_match size_take(struct mux *mux, const uint8_t *bytes, uint32_t *count);
bool size_is_asked(const struct mux *mux);

#endif
