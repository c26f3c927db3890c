/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way to the terminal: the driver's ring `out`, what state the terminal is in, and the
 * multiplexer's own lines, which wait here until they fit between other output.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_TERMINAL_H
#define SLUICE_COMPONENTS_SERIAL_MUX_TERMINAL_H

#include "components/serial/mux/escape.h"
#include "components/serial/ring.h"

#define TERMINAL_LINE    200 /* bytes of an own line, at most */
#define TERMINAL_NOTICES 8192

struct terminal {
    struct ring out;
    bool wake; /* the driver is to be signalled */
    struct escape escape;
    bool is_in_line; /* the cursor is not at a line's start */
    bool is_changed; /* there were bytes after which the terminal may not be as it was */
    bool is_next;    /* what follows is another source's */
    uint32_t notice_count;
    char notices[TERMINAL_NOTICES]; /* whole lines */
};

/* Bytes that can be put. */
uint32_t terminal_room(const struct terminal *terminal);
/* Puts bytes for which there is room. */
void terminal_put(struct terminal *terminal, const void *bytes, uint32_t count);
void terminal_puts(struct terminal *terminal, const char *text);

/* A line "[sluice: ...]" of the multiplexer's own. If too many wait it is lost. */
void terminal_say(struct terminal *terminal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What follows is another source's: before it, what is begun is to be ended, and what the one
 * before may have set is to be set back. */
void terminal_change_source(struct terminal *terminal);
/* Puts what is due of both, as much as there is room for; sequences and lines that are begun end.
 * Returns whether there was any. */
bool terminal_put_own(struct terminal *terminal);
static inline bool terminal_has_own(const struct terminal *terminal)
{
    return terminal->is_next || terminal->notice_count > 0;
}

#endif
