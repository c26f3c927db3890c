/* SPDX-License-Identifier: BSD-2-Clause */
/* See messages.h. */
#include "components/serial/mux/messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "components/serial/clock.h"

#define CHUNK 512

static void put_line(struct mux *mux, const char *name, const char *text, uint32_t count)
{
    struct source *source = &mux->sources[SOURCE_MESSAGES];

    scrollback_put(&source->scrollback, name, (uint32_t)strlen(name));
    scrollback_put(&source->scrollback, ": ", 2);
    scrollback_put(&source->scrollback, text, count);
    scrollback_put(&source->scrollback, "\r\n", 2);
    source->arrived_at = clock_now();
}

void messages_put(struct mux *mux, unsigned int writer, const char *name, const void *bytes,
                  uint32_t count)
{
    struct message_line *line = &mux->lines[writer];
    const uint8_t *from = bytes;

    for (uint32_t i = 0; i < count; i++) {
        bool is_text = from[i] >= ' ' && from[i] != 0x7f;

        if (is_text) {
            line->bytes[line->count++] = (char)from[i];
        }
        if (from[i] == '\n' || line->count == MESSAGE_LINE) {
            put_line(mux, name, line->bytes, line->count);
            line->count = 0;
        }
    }
}

void messages_say(struct mux *mux, const char *format, ...)
{
    char line[MESSAGE_LINE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    put_line(mux, "console", line, (uint32_t)strlen(line));
}

bool messages_collect_kernel(struct mux *mux)
{
    uint8_t chunk[CHUNK];
    uint32_t count = ring_read(&mux->kernel_log, chunk, CHUNK, &mux->terminal.wake);

    messages_put(mux, MESSAGE_KERNEL, "kernel", chunk, count);
    return count > 0;
}

bool messages_collect(struct mux *mux, struct client *client)
{
    uint8_t chunk[CHUNK];
    uint32_t count = ring_read(&client->log, chunk, CHUNK, &client->wake);
    char name[CLIENT_NAME];
    char title[CLIENT_NAME + 8];

    if (count == 0) {
        return false;
    }
    client_read_name(client, name);
    (void)snprintf(title, sizeof(title), "%u %s", client->number, name);
    messages_put(mux, client->number, title, chunk, count);
    return true;
}
