/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All sources at once: whole lines, each with its source's name in front in a colour of its own.
 * A line that is not whole, such as a prompt, is shown when its source has been quiet for a moment;
 * another source then breaks it, and what comes of it later is a line of its own.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_MERGED_H
#define SLUICE_COMPONENTS_SERIAL_MUX_MERGED_H

#include "components/serial/mux/mux.h"

/* The next line of each source, in turn. True: something was put. */
bool merged_put(struct mux *mux);

#endif
