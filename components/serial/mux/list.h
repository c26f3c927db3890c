/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of clients: each is asked whether it answers first, and waited for, but not for long. */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_LIST_H
#define SLUICE_COMPONENTS_SERIAL_MUX_LIST_H

#include "components/serial/mux/mux.h"

void list_begin(struct mux *mux);
/* Prints it when it is due. */
void list_continue(struct mux *mux);

#endif
