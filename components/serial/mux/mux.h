/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console multiplexer: all of its state. mux.c has the turn in which everything happens, and
 * calls the parts in a fixed order; each part has a header of its own.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_MUX_H
#define SLUICE_COMPONENTS_SERIAL_MUX_MUX_H

#include "components/serial/mux/clients.h"
#include "components/serial/mux/config.h"
#include "components/serial/mux/filter.h"
#include "components/serial/mux/terminal.h"
#include "components/serial/uart.h"

/* What can be shown: the channel of messages, clients by their digits, all at once. */
#define SOURCE_MESSAGES 0
#define SOURCE_COUNT    (1 + CONSOLE_CLIENTS_MAX)
#define SOURCE_ALL      SOURCE_COUNT

#define MESSAGE_LINE   256 /* bytes; longer ones are broken */
#define MESSAGE_KERNEL 0   /* the writer that is no client */

#define NEVER UINT64_MAX

struct source {
    struct scrollback scrollback;
    struct filter filter;
    uint64_t arrived_at; /* when it last had something new */
};

struct input {
    struct ring in;  /* the driver's */
    bool is_command; /* the escape key was pressed: the next one is a command */
    bool is_dropped; /* what was typed in this view was dropped, and that was said */
    uint32_t break_count;
    uint32_t seen;     /* the number of the byte in `in` behind those that were last looked at */
    uint32_t searched; /* the number of the byte in `in` before which there is no escape key */
};

/* A line that is not whole yet. */
struct message_line {
    uint32_t count;
    char bytes[MESSAGE_LINE];
};

struct list {
    bool is_due;
    uint64_t deadline;
};

struct size {
    enum {
        SIZE_IDLE,
        SIZE_DUE,
        SIZE_ASKED,
    } state;
    uint64_t deadline; /* of the answer */
    uint16_t columns;  /* 0: not known */
    uint16_t rows;
};

enum power {
    POWER_ON,       /* a guest is, or there is none */
    POWER_ENDING,   /* every guest is off, which was said */
    POWER_DRAINING, /* the driver was asked whether all has left */
    POWER_DONE,     /* there is nothing more to be done */
};

struct mux {
    struct config config;
    struct uart_region *uart;
    microkit_channel uart_channel;
    struct ring kernel_log;  /* the driver's */
    unsigned int client_end; /* behind the last client that exists */
    bool has_timer;
    uint64_t alarm;         /* what the timer was set for; NEVER: it is off */
    microkit_channel timer; /* its interrupt */
    uint64_t wake_at;       /* NEVER, or when the next turn is to be */
    unsigned int shown;     /* SOURCE_... */
    unsigned int turn;      /* of SOURCE_ALL: whose turn it is */
    unsigned int open;      /* of SOURCE_ALL: whose line is begun; SOURCE_COUNT: nobody's */
    uint64_t opened_at;     /* since when */
    struct terminal terminal;
    uint32_t room; /* in the driver's ring, when there was last something to be put there */
    struct input input;
    struct list list;
    struct size size;
    enum power power;
    uint32_t drain;                      /* what the driver was last asked */
    struct client clients[SOURCE_COUNT]; /* [0] is none */
    struct source sources[SOURCE_COUNT];
    struct message_line lines[SOURCE_COUNT]; /* by writer: MESSAGE_KERNEL, clients */
};

/* The next turn is at `when`, if not before. Without a timer, it is not. */
static inline void mux_wake_at(struct mux *mux, uint64_t when)
{
    if (when < mux->wake_at) {
        mux->wake_at = when;
    }
}

/* The client that is shown, alone; NULL: there is none. */
static inline struct client *mux_selected(struct mux *mux)
{
    struct client *client = mux->shown < SOURCE_COUNT ? &mux->clients[mux->shown] : NULL;

    return client != NULL && client_exists(client) ? client : NULL;
}

/* What it is connected to. */
struct mux_setup {
    void *uart;
    microkit_channel uart_channel;
    bool has_timer;
    microkit_channel timer;
    const char *config; /* NULL: there is none */
    size_t config_size;
    struct {
        void *region; /* NULL: there is no such client */
        microkit_channel channel;
    } clients[SOURCE_COUNT]; /* from 1 on */
};

/* Begins; `mux` is zeroed. */
void mux_init(struct mux *mux, const struct mux_setup *setup);
/* Someone signalled, or the timer did. */
void mux_signalled(struct mux *mux, microkit_channel channel);

#endif
