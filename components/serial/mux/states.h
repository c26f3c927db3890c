/* SPDX-License-Identifier: BSD-2-Clause */
/* The states of guests: who looks at one learns that it is off, and so on; when every guest is, the
 * machine may go off, too. */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_STATES_H
#define SLUICE_COMPONENTS_SERIAL_MUX_STATES_H

#include "components/serial/mux/mux.h"

/* "running", and so on. */
const char *states_name(enum console_state state);
/* Whether nothing happens in it until the user wants it. */
bool states_is_over(enum console_state state);

/* Says what changed, after everything that was printed before. */
void states_look(struct mux *mux);
/* Turns the machine off, if it is to be: when all that is to be shown has left the UART. */
void states_power_off(struct mux *mux);

#endif
