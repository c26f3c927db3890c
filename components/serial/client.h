/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client's side of the console multiplexer (console.h): for VMMs and native programs alike. Uses
 * nothing but the Microkit contract. All functions are for the one thread of the client's PD.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_CLIENT_H
#define SLUICE_COMPONENTS_SERIAL_CLIENT_H

#include <microkit.h>

#include "components/serial/console.h"

struct console_client {
    struct console_region
        *region; /* NULL: there is no multiplexer; every function then does nothing */
    microkit_channel channel;
    struct ring out;
    struct ring in;
    struct ring log;
    uint32_t command;     /* control.command as it was when one was last handed out */
    uint32_t break_count; /* how many breaks were handed out */
};

/* `region` may be NULL. `name` is cut off to fit. Says that the client is there, in state
 * CONSOLE_STATE_NONE. */
void console_client_init(struct console_client *client, void *region, microkit_channel channel,
                         enum console_kind kind, const char *name);
bool console_client_is_connected(const struct console_client *client);

/* Prints as many of the bytes as there is room for; returns how many. If that is not all, the
 * channel is signalled when there is room again: at least a quarter of the ring. */
uint32_t console_client_write(struct console_client *client, const void *bytes, uint32_t count);
/* Bytes that console_client_write() would take now. */
uint32_t console_client_room(const struct console_client *client);
/* What was typed; returns how many bytes. Stops in front of a break (console_client_take_break()).
 * If it is less than `count`, and no break comes next, then the channel is signalled with the next
 * byte: who takes small pieces calls until that is so. */
uint32_t console_client_read(struct console_client *client, void *bytes, uint32_t count);
/* True: a break comes next, before further bytes, and is now taken. Breaks that follow each other
 * before the client looks are one. */
bool console_client_take_break(struct console_client *client);
/* A line, without its newline, for the channel of messages. What does not fit is lost. */
void console_client_log(struct console_client *client, const char *line);

/* The command that was not handed out yet, answered with this; CONSOLE_NOTHING: none. Unknown
 * numbers are to be ignored. CONSOLE_EXPIRED may cross a new deadline: look at the counter, too. */
enum console_command console_client_command(struct console_client *client);
/* The terminal's size; false: not known. */
bool console_client_size(const struct console_client *client, uint16_t *columns, uint16_t *rows);

/* A new state, which begins now. Each CONSOLE_STATE_RUNNING counts as a start. */
void console_client_set_state(struct console_client *client, enum console_state state);
void console_client_set_memory(struct console_client *client, uint64_t bytes);
void console_client_set_faults(struct console_client *client, uint64_t count);
/* When CONSOLE_EXPIRED is to come, as a counter value; 0: never. Signals if it must. */
void console_client_set_watchdog(struct console_client *client, uint64_t when);

#endif
