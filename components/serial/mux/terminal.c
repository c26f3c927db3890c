/* SPDX-License-Identifier: BSD-2-Clause */
/* See terminal.h. */
#include "components/serial/mux/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What an own line, or a change of source, puts around itself, at most. */
#define ROOM_FOR_LINE (TERMINAL_LINE + 128)

/* SI; DECSTR: a soft reset, of character sets, margins, attributes, the cursor. */
#define RESET "\x0f\x1b[!p"

uint32_t terminal_room(const struct terminal *terminal)
{
    uint32_t room = ring_room(&terminal->out);

    return room > ROOM_FOR_LINE ? room - ROOM_FOR_LINE : 0;
}

/* A byte that may change the terminal's state. */
static void track(struct terminal *terminal, uint8_t byte)
{
    if (escape_feed(&terminal->escape, byte) != ESCAPE_PART_TEXT) {
        terminal->is_changed = true;
    } else if (byte == '\n') {
        terminal->is_in_line = false;
    } else if (byte >= 0x20) {
        terminal->is_in_line = true;
    } else if (byte == 0x0e || byte == 0x0f) { /* SO, SI */
        terminal->is_changed = true;
    }
}

void terminal_put(struct terminal *terminal, const void *bytes, uint32_t count)
{
    const uint8_t *from = bytes;

    (void)ring_write(&terminal->out, bytes, count, &terminal->wake);
    for (uint32_t i = 0; i < count; i++) {
        if (from[i] < 0x20 || escape_is_inside(&terminal->escape)) {
            track(terminal, from[i]);
        } else {
            terminal->is_in_line = true;
        }
    }
}

void terminal_puts(struct terminal *terminal, const char *text)
{
    terminal_put(terminal, text, (uint32_t)strlen(text));
}

/* A sequence that is begun is taken back by CAN; a line that is begun ends. */
static void end_begun(struct terminal *terminal)
{
    if (escape_is_inside(&terminal->escape)) {
        terminal_puts(terminal, "\x18");
    }
    if (terminal->is_in_line) {
        terminal_puts(terminal, "\r\n");
    }
}

void terminal_say(struct terminal *terminal, const char *format, ...)
{
    char *to = terminal->notices + terminal->notice_count;
    char line[TERMINAL_LINE];
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    length = strlen(line);
    if (length < TERMINAL_NOTICES - terminal->notice_count) {
        memcpy(to, line, length);
        to[length] = '\n';
        terminal->notice_count += (uint32_t)length + 1;
    }
}

static void put_notice(struct terminal *terminal, const char *text, uint32_t count)
{
    terminal_puts(terminal, "\x1b[0;1m[sluice: ");
    terminal_put(terminal, text, count);
    terminal_puts(terminal, "]\x1b[0m\r\n");
}

void terminal_change_source(struct terminal *terminal)
{
    terminal->is_next = true;
}

static void put_change(struct terminal *terminal)
{
    end_begun(terminal);
    if (terminal->is_changed) {
        terminal_puts(terminal, RESET);
    }
    terminal->is_changed = false;
    terminal->is_next = false;
}

bool terminal_put_own(struct terminal *terminal)
{
    uint32_t done = 0;

    if (!terminal_has_own(terminal) || terminal_room(terminal) == 0) {
        return false;
    }
    if (terminal->is_next) {
        put_change(terminal);
    }
    while (done < terminal->notice_count && terminal_room(terminal) > 0) {
        const char *text = terminal->notices + done;
        const char *end = memchr(text, '\n', terminal->notice_count - done);
        bool was_changed = terminal->is_changed;

        end_begun(terminal);
        put_notice(terminal, text, (uint32_t)(end - text));
        terminal->is_changed = was_changed;
        done += (uint32_t)(end - text) + 1;
    }
    terminal->notice_count -= done;
    memmove(terminal->notices, terminal->notices + done, terminal->notice_count);
    return true;
}
