/* SPDX-License-Identifier: BSD-2-Clause */
/* See view.h; all of them at once: merged.c. */
#include "components/serial/mux/view.h"

#include "components/serial/mux/merged.h"

#define CHUNK         512
#define CHUNKS        8  /* in one turn */
#define SEQUENCE_REST 64 /* bytes that the end of a sequence is waited for */
#define LINES_UNKNOWN 24

bool view_is_shown(const struct mux *mux, unsigned int number)
{
    return mux->shown == number || mux->shown == SOURCE_ALL;
}

static unsigned int context_lines(const struct mux *mux)
{
    return mux->size.rows > 1 ? mux->size.rows - 1U : LINES_UNKNOWN;
}

static void go_back(struct mux *mux, unsigned int number, unsigned int lines)
{
    struct source *source = &mux->sources[number];
    uint64_t dropped = scrollback_rewind(&source->scrollback, lines);

    source->filter = (struct filter){0};
    if (dropped > 0 && mux->shown != SOURCE_ALL) {
        terminal_say(&mux->terminal, "%llu bytes were dropped", (unsigned long long)dropped);
    } else if (dropped > 0) {
        terminal_say(&mux->terminal, "%llu bytes of %u were dropped", (unsigned long long)dropped,
                     number);
    }
}

static void select_all(struct mux *mux)
{
    terminal_say(&mux->terminal, "all");
    mux->open = SOURCE_COUNT;
    for (unsigned int i = 0; i < SOURCE_COUNT; i++) {
        go_back(mux, i, 0);
    }
}

void view_select(struct mux *mux, unsigned int shown)
{
    char name[CLIENT_NAME];

    mux->shown = shown;
    mux->input.is_dropped = false;
    clients_set_due(mux->clients, SOURCE_COUNT);
    terminal_change_source(&mux->terminal);
    if (shown == SOURCE_ALL) {
        select_all(mux);
        return;
    }
    if (shown == SOURCE_MESSAGES) {
        terminal_say(&mux->terminal, "0 messages");
    } else {
        client_read_name(&mux->clients[shown], name);
        terminal_say(&mux->terminal, "%u %s", shown, name);
    }
    go_back(mux, shown, context_lines(mux));
}

/* A piece of a source that is shown alone, all of it fresh or none; returns how many bytes of it.
 */
static uint32_t put_piece(struct terminal *terminal, struct source *source, uint32_t limit)
{
    uint32_t replayed = scrollback_replayed(&source->scrollback);
    uint8_t chunk[CHUNK];
    uint8_t out[CHUNK + FILTER_SEQUENCE];
    uint32_t out_count = 0;
    uint32_t count;

    limit = limit < CHUNK ? limit : CHUNK;
    limit = replayed > 0 && replayed < limit ? replayed : limit;
    count = scrollback_peek(&source->scrollback, chunk, limit);
    if (replayed > 0) {
        for (uint32_t i = 0; i < count; i++) {
            out_count += filter_feed(&source->filter, FILTER_REPLAY, chunk[i], out + out_count);
        }
        terminal_put(terminal, out, out_count);
    } else {
        terminal_put(terminal, out, filter_flush(&source->filter, out));
        terminal_put(terminal, chunk, count);
    }
    scrollback_advance(&source->scrollback, count);
    return count;
}

/* The rest of the escape sequence in which the terminal is, if it is there. */
static void finish_sequence(struct mux *mux)
{
    struct terminal *terminal = &mux->terminal;

    if (mux->shown == SOURCE_ALL || terminal->is_next) {
        return;
    }
    for (unsigned int i = 0;
         i < SEQUENCE_REST && escape_is_inside(&terminal->escape) && terminal_room(terminal) > 0;
         i++) {
        if (put_piece(terminal, &mux->sources[mux->shown], 1) == 0) {
            break;
        }
    }
}

static bool put_own(struct mux *mux)
{
    bool is_next = mux->terminal.is_next;

    finish_sequence(mux);
    if (!terminal_put_own(&mux->terminal)) {
        return false;
    }
    /* The line that was interrupted, such as a prompt, is shown again. */
    if (!is_next && mux->shown != SOURCE_ALL) {
        scrollback_rewind_line(&mux->sources[mux->shown].scrollback);
    }
    mux->open = SOURCE_COUNT;
    return true;
}

static bool put_one(struct mux *mux)
{
    struct source *source = &mux->sources[mux->shown];
    bool was_put = false;

    for (unsigned int i = 0; i < CHUNKS; i++) {
        if (put_piece(&mux->terminal, source, terminal_room(&mux->terminal)) == 0) {
            break;
        }
        was_put = true;
    }
    return was_put;
}

bool view_put(struct mux *mux)
{
    if (terminal_has_own(&mux->terminal)) {
        return put_own(mux);
    }
    return mux->shown == SOURCE_ALL ? merged_put(mux) : put_one(mux);
}

bool view_is_through(const struct mux *mux)
{
    bool is_all = mux->shown == SOURCE_ALL;
    unsigned int end = is_all ? mux->client_end : mux->shown + 1;

    for (unsigned int i = is_all ? 0 : mux->shown; i < end; i++) {
        if (scrollback_pending(&mux->sources[i].scrollback) > 0) {
            return false;
        }
    }
    return !terminal_has_own(&mux->terminal);
}
