/* SPDX-License-Identifier: BSD-2-Clause */
/* See merged.h. */
#include "components/serial/mux/merged.h"

#include <stdio.h>
#include <string.h>

#include "components/serial/clock.h"

#define PIECE 512 /* bytes; a longer line is not waited for */
/* Each newline may become six bytes, and there is a name. */
#define ROOM_FOR_PIECE (PIECE + 128)

#define QUIET_MS 50  /* after which a source has nothing to add to its line */
#define HOLD_MS  200 /* that others wait for the end of a line, at most */

static uint64_t milliseconds(unsigned int count)
{
    return clock_frequency() / 1000 * count;
}

/* True; or false, and it is looked at again when it may be. */
static bool is_quiet(struct mux *mux, const struct source *source)
{
    uint64_t when = source->arrived_at + milliseconds(QUIET_MS);

    if (!mux->has_timer || clock_now() >= when) {
        return true;
    }
    mux_wake_at(mux, when);
    return false;
}

/* Whether another source's line may be broken for this one's. */
static bool may_break(struct mux *mux, unsigned int number)
{
    if (mux->open == number || mux->open == SOURCE_COUNT) {
        return true;
    }
    if (clock_now() >= mux->opened_at + milliseconds(HOLD_MS)) {
        return true;
    }
    return is_quiet(mux, &mux->sources[mux->open]);
}

/* How many bytes the line's next piece has; 0: it is waited for. */
static uint32_t piece_count(struct mux *mux, const struct source *source, const uint8_t *bytes,
                            uint32_t count)
{
    const uint8_t *newline = memchr(bytes, '\n', count);

    if (newline != NULL) {
        return (uint32_t)(newline - bytes) + 1;
    }
    return count == PIECE || (count > 0 && is_quiet(mux, source)) ? count : 0;
}

static void put_name(struct mux *mux, unsigned int number)
{
    char name[CLIENT_NAME] = "messages";
    char prefix[CLIENT_NAME + 16];

    if (number != SOURCE_MESSAGES) {
        client_read_name(&mux->clients[number], name);
    }
    (void)snprintf(prefix, sizeof(prefix), "\x1b[3%um%u %s|\x1b[0m ", number % 7 + 1, number, name);
    terminal_puts(&mux->terminal, prefix);
}

static void put_bytes(struct mux *mux, struct source *source, const uint8_t *bytes, uint32_t count)
{
    uint8_t out[PIECE + FILTER_SEQUENCE];
    uint32_t out_count = 0;

    for (uint32_t i = 0; i < count && bytes[i] != '\n'; i++) {
        out_count += filter_feed(&source->filter, FILTER_LINES, bytes[i], out + out_count);
    }
    terminal_put(&mux->terminal, out, out_count);
}

static void put_piece(struct mux *mux, unsigned int number, const uint8_t *bytes, uint32_t count)
{
    struct source *source = &mux->sources[number];
    bool is_line = bytes[count - 1] == '\n';

    if (mux->open != number) {
        if (mux->open != SOURCE_COUNT) {
            terminal_puts(&mux->terminal, "\x1b[0m\r\n");
        }
        put_name(mux, number);
        mux->open = number;
        mux->opened_at = clock_now();
    }
    put_bytes(mux, source, bytes, count);
    if (is_line) {
        terminal_puts(&mux->terminal, "\x1b[0m\r\n");
        source->filter = (struct filter){0};
        mux->open = SOURCE_COUNT;
    }
    scrollback_advance(&source->scrollback, count);
}

static bool put_next(struct mux *mux, unsigned int number)
{
    struct source *source = &mux->sources[number];
    uint8_t bytes[PIECE];
    uint32_t count = scrollback_peek(&source->scrollback, bytes, PIECE);

    count = piece_count(mux, source, bytes, count);
    if (count == 0 || !may_break(mux, number)) {
        return false;
    }
    put_piece(mux, number, bytes, count);
    return true;
}

bool merged_put(struct mux *mux)
{
    bool was_put = false;

    /* Where the terminal had no more room it goes on the next time. */
    for (unsigned int i = 0; i < SOURCE_COUNT; i++) {
        if (terminal_room(&mux->terminal) < ROOM_FOR_PIECE) {
            break;
        }
        was_put |= put_next(mux, mux->turn);
        mux->turn = (mux->turn + 1) % SOURCE_COUNT;
    }
    return was_put;
}
