/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is typed: to the client that is selected, but for the escape key and the key behind it.
 *
 * A client that does not read is waited for: first the driver's ring fills, then the UART, then
 * whoever types waits. The escape key must work all the same: while a client takes nothing, the
 * driver's ring is searched for it; what is in front of it is dropped then, and that is said. When
 * even the ring is full the key could not come in: after a while all of it is dropped.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_INPUT_H
#define SLUICE_COMPONENTS_SERIAL_MUX_INPUT_H

#include "components/serial/mux/mux.h"

void input_init(struct mux *mux);
/* Takes what there is, for one turn. True: something was taken. */
bool input_take(struct mux *mux);
/* Asks for a signal with the next byte that could make a difference. True: there is one. */
bool input_wait(struct mux *mux);

#endif
