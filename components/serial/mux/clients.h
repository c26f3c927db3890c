/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The multiplexer's side of its clients' regions (console.h). What a client writes there is read
 * once into locals and checked here, and nowhere else.
 *
 * Input goes to a client as over a line, which has a rate: a burst, and when that is taken, a
 * pause. The interrupt handler of a guest with a UART reads until there is nothing more. If there
 * always was, the guest would not get to what it wants with the bytes, and drop them when its
 * buffers are full. How long the pause has to be nobody says, so it is measured: twice the time in
 * which the burst was taken, on whatever machine, and whoever else is busy there.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_CLIENTS_H
#define SLUICE_COMPONENTS_SERIAL_MUX_CLIENTS_H

#include <microkit.h>

#include "components/serial/console.h"
#include "components/serial/mux/scrollback.h"

#define CLIENT_NAME    32 /* bytes of a name as it is shown, with its zero */
#define CLIENT_BACKLOG 0x4000
#define CLIENT_BURST   128

struct client {
    struct console_region *region; /* NULL: there is no such client */
    microkit_channel channel;
    unsigned int number; /* its digit */
    bool is_due;         /* it signalled, or may be served for another reason */
    bool has_printed;    /* something, since the multiplexer woke up */
    bool wake;           /* it is to be signalled */
    struct ring out;
    struct ring log;
    struct ring in;
    uint64_t taken_at;  /* when it last had room for input that was typed, or will have */
    bool is_paced;      /* there is a timer for pauses */
    uint32_t burst;     /* bytes that still belong to the burst … */
    uint64_t burst_at;  /* … which began then */
    uint64_t resume_at; /* when the pause behind it is over; 0: there is none (yet) */
    /* Input that does not go into `in` yet: a ring of the multiplexer's own. */
    struct ring_shared backlog_shared;
    struct ring backlog_in;
    struct ring backlog_out;
    uint8_t backlog[CLIENT_BACKLOG];
    uint32_t command_count;
    uint32_t command;         /* what was sent last */
    uint64_t expired;         /* the watchdog's deadline that was last acted on */
    enum console_state state; /* as it was last said */
};

/* As it was just now, with everything in its range. */
struct client_status {
    bool is_there;
    enum console_kind kind;
    enum console_state state;
    uint64_t memory;
    uint64_t since;
    uint32_t starts;
    uint64_t faults;
    bool has_answered; /* the last command */
};

/* `client` is zeroed. `region` NULL: there is none. `is_paced`: someone looks at
 * client_resumes_at(). */
void client_init(struct client *client, unsigned int number, void *region, microkit_channel channel,
                 bool is_paced);
static inline bool client_exists(const struct client *client)
{
    return client->region != NULL;
}

/* The watchdog's deadline; 0: none. */
uint64_t client_read_watchdog(const struct client *client);
/* Whether a guest is there; `*state` is its state then. */
bool client_read_guest(const struct client *client, enum console_state *state);
void client_read_status(const struct client *client, struct client_status *status);
/* Printable ASCII, never empty. */
void client_read_name(const struct client *client, char name[CLIENT_NAME]);

/* Moves at most `limit` bytes that it printed into its scrollback; returns how many. */
uint32_t client_collect(struct client *client, struct scrollback *scrollback, uint32_t limit);
/* Asks for a signal with the next byte. True: there is one. */
bool client_wait_output(struct client *client);

/* Input for it; returns how many bytes were taken: the backlog may be full. */
uint32_t client_type(struct client *client, const void *bytes, uint32_t count);
void client_send_break(struct client *client);
/* Whenever the client signalled: moves the backlog on, and asks for a signal if it matters when the
 * client has taken what it was given. */
void client_push_backlog(struct client *client);
/* When client_push_backlog() is to be called again; 0: with the client's signal. */
uint64_t client_resumes_at(struct client *client);
bool client_has_backlog(struct client *client);

/* Returns whether it was sent: CONSOLE_PING and CONSOLE_EXPIRED are not while a command of more
 * weight waits for its answer. */
bool client_command(struct client *client, enum console_command command);
void client_set_size(struct client *client, uint16_t columns, uint16_t rows);

/* Signals it if it waits for that. */
void client_signal(struct client *client);

/* All of them are to be looked at. */
static inline void clients_set_due(struct client *clients, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        clients[i].is_due = clients[i].region != NULL;
    }
}

#endif
