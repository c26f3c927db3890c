/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines of clients (status.watchdog): when one has come, the client gets CONSOLE_EXPIRED. */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_WATCHDOG_H
#define SLUICE_COMPONENTS_SERIAL_MUX_WATCHDOG_H

#include "components/serial/mux/mux.h"

/* Once for each deadline; looks again when the next one comes. Without a timer, does nothing. */
void watchdog_look(struct mux *mux);

#endif
