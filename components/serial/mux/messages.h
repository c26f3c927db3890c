/* SPDX-License-Identifier: BSD-2-Clause */
/* The channel of messages: what programs and the kernel say about themselves, in whole lines. */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_MESSAGES_H
#define SLUICE_COMPONENTS_SERIAL_MUX_MESSAGES_H

#include "components/serial/mux/mux.h"

/* Bytes of a writer: MESSAGE_KERNEL, or a client's number. Each line is shown as "name: line" when
 * it is whole. */
void messages_put(struct mux *mux, unsigned int writer, const char *name, const void *bytes,
                  uint32_t count);
/* A line of the multiplexer's own. */
void messages_say(struct mux *mux, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Moves the debug console's text, which the driver has, for one turn. True: there was some. */
bool messages_collect_kernel(struct mux *mux);
/* Moves a client's lines, for one turn. True: there were some. */
bool messages_collect(struct mux *mux, struct client *client);

#endif
