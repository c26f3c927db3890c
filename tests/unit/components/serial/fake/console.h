/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole console for tests: the multiplexer, the driver's side of its region, and three clients on
 * the real client's code. Everyone runs when he was signalled, and not otherwise: a signal that is
 * missing shows as something that does not happen.
 */
#ifndef SLUICE_TESTS_UNIT_COMPONENTS_SERIAL_FAKE_CONSOLE_H
#define SLUICE_TESTS_UNIT_COMPONENTS_SERIAL_FAKE_CONSOLE_H

#include "components/serial/client.h"
#include "components/serial/mux/mux.h"

#define CONSOLE_FAKE_CLIENTS 3
#define CONSOLE_FAKE_TEXT    0x200000

#define CONSOLE_FAKE_TIMER 0 /* the multiplexer's channels: clients 1, 2, 3 have their numbers */
#define CONSOLE_FAKE_UART  10
#define CONSOLE_FAKE_BACK  20 /* the clients' channels: this and their number */

struct fake_console {
    struct mux mux;
    struct uart_region uart;
    struct console_region regions[1 + CONSOLE_FAKE_CLIENTS];
    struct console_client clients[1 + CONSOLE_FAKE_CLIENTS];
    struct ring out; /* the driver's sides */
    struct ring in;
    bool is_terminal_stuck; /* nothing leaves the driver's ring */
    unsigned int seen[64];  /* signals that were delivered, by channel */
    uint32_t text_count;
    char text[CONSOLE_FAKE_TEXT + 1]; /* what was shown since it was last looked at */
};

extern struct fake_console fake_console;

/* Clients 1 "one", 2 "two", guests that run, and 3 "three", a program. `config` may be NULL. */
void fake_console_start(const char *config, bool has_timer);
/* Delivers signals, shows, lets time's alarms come, until nothing happens any more. */
void fake_console_settle(void);
/* Typed at the terminal: as much as the driver has room for; returns how much. Settles. */
uint32_t fake_console_type(const void *bytes, uint32_t count);
/* Settles; what was shown since the last time, without the own lines' attributes and \r. */
const char *fake_console_shown(void);
/* A client prints; returns how much. Does not settle. */
uint32_t fake_console_print(unsigned int client, const char *text);
/* What a client was typed, all of it. Settles. */
const char *fake_console_typed(unsigned int client);
/* Lets time pass, with what comes of it. */
void fake_console_wait(uint64_t milliseconds);

#endif
