/* SPDX-License-Identifier: BSD-2-Clause */
/* See scrollback.h. */
#include "components/serial/mux/scrollback.h"

#include <string.h>

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint8_t byte_at(const struct scrollback *scrollback, uint64_t number)
{
    return scrollback->data[number % SCROLLBACK_SIZE];
}

/* Bytes before `start` are gone. */
static void set_start(struct scrollback *scrollback, uint64_t start)
{
    scrollback->start = start;
    if (scrollback->fresh < start) {
        scrollback->dropped += start - scrollback->fresh;
        scrollback->fresh = start;
    }
    if (scrollback->shown < start) {
        scrollback->shown = start;
    }
}

void scrollback_put(struct scrollback *scrollback, const void *bytes, uint32_t count)
{
    const uint8_t *from = bytes;

    while (count > 0) {
        uint32_t at = (uint32_t)(scrollback->end % SCROLLBACK_SIZE);
        uint32_t piece = (uint32_t)smaller(count, SCROLLBACK_SIZE - at);

        memcpy(scrollback->data + at, from, piece);
        scrollback->end += piece;
        from += piece;
        count -= piece;
        if (scrollback->end - scrollback->start > SCROLLBACK_SIZE) {
            set_start(scrollback, scrollback->end - SCROLLBACK_SIZE);
        }
    }
}

uint32_t scrollback_pending(const struct scrollback *scrollback)
{
    return (uint32_t)(scrollback->end - scrollback->shown);
}

uint32_t scrollback_replayed(const struct scrollback *scrollback)
{
    return (uint32_t)(scrollback->fresh - scrollback->shown);
}

uint32_t scrollback_peek(const struct scrollback *scrollback, void *bytes, uint32_t count)
{
    uint32_t at = (uint32_t)(scrollback->shown % SCROLLBACK_SIZE);
    uint8_t *to = bytes;
    uint32_t first;

    count = (uint32_t)smaller(count, scrollback->end - scrollback->shown);
    first = (uint32_t)smaller(count, SCROLLBACK_SIZE - at);
    memcpy(to, scrollback->data + at, first);
    memcpy(to + first, scrollback->data, count - first);
    return count;
}

void scrollback_advance(struct scrollback *scrollback, uint32_t count)
{
    scrollback->shown += count;
    if (scrollback->fresh < scrollback->shown) {
        scrollback->fresh = scrollback->shown;
    }
}

/* The start of the line that is `lines` before the one that `at` is in; not before `limit`. */
static uint64_t line_start(const struct scrollback *scrollback, uint64_t at, uint64_t limit,
                           unsigned int lines)
{
    for (; at > limit; at--) {
        if (byte_at(scrollback, at - 1) == '\n' && lines-- == 0) {
            break;
        }
    }
    return at;
}

/* Behind the next newline; where there is none, here. */
static uint64_t next_line(const struct scrollback *scrollback, uint64_t from)
{
    for (uint64_t at = from; at < scrollback->end; at++) {
        if (byte_at(scrollback, at) == '\n') {
            return at + 1;
        }
    }
    return from;
}

uint64_t scrollback_rewind(struct scrollback *scrollback, unsigned int lines)
{
    uint64_t dropped;
    uint64_t limit = scrollback->start;

    if (scrollback->dropped > 0) {
        set_start(scrollback, next_line(scrollback, scrollback->start));
        limit = scrollback->start;
    } else if (scrollback->fresh - limit > SCROLLBACK_CONTEXT) {
        limit = next_line(scrollback, scrollback->fresh - SCROLLBACK_CONTEXT);
    }
    dropped = scrollback->dropped;
    scrollback->dropped = 0;
    scrollback->shown = line_start(scrollback, scrollback->fresh, limit, lines);
    return dropped;
}

void scrollback_rewind_line(struct scrollback *scrollback)
{
    uint64_t limit = scrollback->start;
    uint64_t start;

    if (scrollback->shown - limit > SCROLLBACK_LINE) {
        limit = scrollback->shown - SCROLLBACK_LINE;
    }
    start = line_start(scrollback, scrollback->shown, limit, 0);
    if (start > limit || start == 0) {
        scrollback->shown = start;
    }
}
