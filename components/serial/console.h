/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client of the console multiplexer shares with it: one region of memory for each client and
 * a channel, on which each signals the other. A client is a VMM with its guest, or a native
 * program. Both sides map the region readable and writable, cached; it starts zeroed.
 *
 *   offset    what
 *   0x0000    struct console_status     the client writes, the multiplexer reads
 *   0x0400    struct console_control    the multiplexer writes, the client reads
 *   0x0800    three struct ring_shared  out, in, log
 *   0x1000    bytes of the ring `in`    what was typed, for the client
 *   0x3000    bytes of the ring `log`   lines that the client's program says about it
 *   0x5000    bytes of the ring `out`   what the client prints
 *   0xd000    end
 *
 * Status and control are read with care: names may lack their zero, numbers may be anything, two
 * reads may differ. What is read wrong is shown wrong, and nothing more.
 *
 * A signal says "look": at the rings, and at `control.command`: a command, and above it a number by
 * which two of a kind differ. They are one word, so that none is taken twice. Commands that follow
 * each other faster than the client looks are one: the last; the multiplexer takes care that this
 * is the user's. The client answers each with a copy in `status.answered` and a signal, also
 * CONSOLE_PING, by which the multiplexer finds clients that do not answer any more.
 *
 * `watchdog` is a value of the physical counter (CNTPCT_EL0) at which the multiplexer sends
 * CONSOLE_EXPIRED, or 0. It may be moved on without a signal; set for the first time, or moved
 * nearer, it needs one.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_CONSOLE_H
#define SLUICE_COMPONENTS_SERIAL_CONSOLE_H

#include "components/serial/ring.h"

#define CONSOLE_MAGIC       0x534e4f43U /* "CONS" */
#define CONSOLE_VERSION     1
#define CONSOLE_NAME_LENGTH 64
#define CONSOLE_REGION_SIZE 0x10000 /* what a description gives it, at least 0xd000 */
#define CONSOLE_IN_SIZE     0x2000
#define CONSOLE_LOG_SIZE    0x2000
#define CONSOLE_OUT_SIZE    0x8000
#define CONSOLE_CLIENTS_MAX 9 /* a digit selects one */

enum console_kind {
    CONSOLE_PROGRAM, /* takes no commands but CONSOLE_PING */
    CONSOLE_GUEST,
};

enum console_state {
    CONSOLE_STATE_NONE, /* not there (yet) */
    CONSOLE_STATE_RUNNING,
    CONSOLE_STATE_STARTING, /* between two runs of the guest */
    CONSOLE_STATE_STOPPED,  /* by command */
    CONSOLE_STATE_OFF,      /* the guest powered itself off */
    CONSOLE_STATE_FAILED,   /* could not be loaded, or cannot go on */
};

enum console_command {
    CONSOLE_NOTHING,
    CONSOLE_PING,
    CONSOLE_RESTART, /* whatever state it is in */
    CONSOLE_STOP,
    CONSOLE_START,   /* does nothing while it runs */
    CONSOLE_EXPIRED, /* `watchdog` has come */
};

#define CONSOLE_COMMAND(number, command) ((uint32_t)(number) << 8 | (uint32_t)(command))
#define CONSOLE_COMMAND_OF(word)         ((word)&0xffU)

struct console_status {
    uint32_t magic; /* CONSOLE_MAGIC, written last: the client is there */
    uint32_t version;
    uint32_t kind;  /* enum console_kind */
    uint32_t state; /* enum console_state */
    char name[CONSOLE_NAME_LENGTH];
    uint64_t memory;   /* bytes of the guest's RAM */
    uint64_t since;    /* counter value at which the state began */
    uint32_t starts;   /* how often it was started */
    uint32_t answered; /* control.command as it was last seen */
    uint64_t watchdog;
    uint64_t faults; /* how much DMA the guest's devices were refused */
};

struct console_control {
    uint32_t command;     /* CONSOLE_COMMAND() */
    uint32_t break_count; /* how often a break was sent … */
    uint32_t break_at;    /* … and the last one before the byte of `in` that has this number */
    uint16_t columns;     /* of the terminal; 0: not known */
    uint16_t rows;
};

struct console_region {
    struct console_status status;
    uint8_t pad0[0x400 - sizeof(struct console_status)];
    struct console_control control;
    uint8_t pad1[0x400 - sizeof(struct console_control)];
    struct ring_shared out;
    struct ring_shared in;
    struct ring_shared log;
    uint8_t pad2[0x800 - 3 * sizeof(struct ring_shared)];
    uint8_t in_data[CONSOLE_IN_SIZE];
    uint8_t log_data[CONSOLE_LOG_SIZE];
    uint8_t out_data[CONSOLE_OUT_SIZE];
};

_Static_assert(offsetof(struct console_region, control) == 0x400, "control");
_Static_assert(offsetof(struct console_region, out) == 0x800, "rings");
_Static_assert(offsetof(struct console_region, in_data) == 0x1000, "data of the rings");
_Static_assert(sizeof(struct console_region) == 0xd000, "console_region");

#endif
