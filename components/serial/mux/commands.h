/* SPDX-License-Identifier: BSD-2-Clause */
/* What the key behind the escape key does. */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_COMMANDS_H
#define SLUICE_COMPONENTS_SERIAL_MUX_COMMANDS_H

#include "components/serial/mux/mux.h"

void commands_perform(struct mux *mux, uint8_t key);
/* The escape key as people write it, such as "Ctrl-]". */
const char *commands_escape_name(struct mux *mux);

#endif
