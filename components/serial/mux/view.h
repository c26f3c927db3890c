/* SPDX-License-Identifier: BSD-2-Clause */
/* What the terminal shows: one source, or all of them, line by line. */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_VIEW_H
#define SLUICE_COMPONENTS_SERIAL_MUX_VIEW_H

#include "components/serial/mux/mux.h"

/* Bytes of a source that is shown which wait for the terminal; more stay with the client. */
#define VIEW_PENDING 4096

/* Shows a source from now on: a line that says so, a line that says how much was dropped, the last
 * lines that were seen, all that was not. */
void view_select(struct mux *mux, unsigned int shown);
bool view_is_shown(const struct mux *mux, unsigned int number);
/* Puts as much as the terminal takes in one turn. True: something was put. */
bool view_put(struct mux *mux);
/* Whether all that is to be shown was put. */
bool view_is_through(const struct mux *mux);

#endif
