/* SPDX-License-Identifier: BSD-2-Clause */
/* See size.h. */
#include "components/serial/mux/size.h"

#include "components/serial/clock.h"

/* Save the cursor, go far, ask, restore it. */
#define QUESTION                  \
    "\x1b"                        \
    "7\x1b[9999;9999H\x1b[6n\x1b" \
    "8"

#define WAIT_SECONDS 3 /* a terminal may be far away, or its machine busy */

/* A place in what was typed. */
struct cursor {
    const uint8_t *next;
    const uint8_t *end;
};

void size_ask(struct mux *mux)
{
    mux->size.state = SIZE_DUE;
}

bool size_is_asked(const struct mux *mux)
{
    return mux->size.state == SIZE_ASKED;
}

bool size_put(struct mux *mux)
{
    struct terminal *terminal = &mux->terminal;

    if (mux->size.state == SIZE_ASKED && mux->has_timer) {
        if (clock_now() >= mux->size.deadline) {
            mux->size.state = SIZE_IDLE;
            terminal_say(terminal, "the terminal does not tell its size");
            return true;
        }
        mux_wake_at(mux, mux->size.deadline);
    }
    if (mux->size.state != SIZE_DUE || escape_is_inside(&terminal->escape) ||
        terminal_room(terminal) < sizeof(QUESTION)) {
        return false;
    }
    terminal_puts(terminal, QUESTION);
    mux->size.state = SIZE_ASKED;
    mux->size.deadline = clock_now() + WAIT_SECONDS * clock_frequency();
    return true;
}

/* The byte is there; BEGINS: what was typed ends before it. */
static enum size_match take_byte(struct cursor *cursor, uint8_t byte)
{
    if (cursor->next == cursor->end) {
        return SIZE_BEGINS;
    }
    return *cursor->next++ == byte ? SIZE_TAKEN : SIZE_NONE;
}

/* One to four digits. */
static enum size_match take_number(struct cursor *cursor, uint16_t *number)
{
    unsigned int digits = 0;

    *number = 0;
    while (cursor->next < cursor->end && *cursor->next >= '0' && *cursor->next <= '9' &&
           digits < 4) {
        *number = (uint16_t)(*number * 10 + (*cursor->next++ - '0'));
        digits++;
    }
    if (cursor->next == cursor->end) {
        return SIZE_BEGINS;
    }
    return digits > 0 ? SIZE_TAKEN : SIZE_NONE;
}

/* ESC [ rows ; columns R */
static enum size_match take_report(struct cursor *cursor, uint16_t *rows, uint16_t *columns)
{
    enum size_match match = take_byte(cursor, 0x1b);

    match = match == SIZE_TAKEN ? take_byte(cursor, '[') : match;
    match = match == SIZE_TAKEN ? take_number(cursor, rows) : match;
    match = match == SIZE_TAKEN ? take_byte(cursor, ';') : match;
    match = match == SIZE_TAKEN ? take_number(cursor, columns) : match;
    return match == SIZE_TAKEN ? take_byte(cursor, 'R') : match;
}

enum size_match size_take(struct mux *mux, const uint8_t *bytes, uint32_t *count)
{
    struct cursor cursor = {bytes, bytes + *count};
    uint16_t rows;
    uint16_t columns;
    enum size_match match = take_report(&cursor, &rows, &columns);

    if (match != SIZE_TAKEN) {
        return match;
    }
    *count = (uint32_t)(cursor.next - bytes);
    mux->size.state = SIZE_IDLE;
    mux->size.columns = columns;
    mux->size.rows = rows;
    for (unsigned int i = 1; i < mux->client_end; i++) {
        if (client_exists(&mux->clients[i])) {
            client_set_size(&mux->clients[i], columns, rows);
        }
    }
    terminal_say(&mux->terminal, "the terminal has %u columns and %u rows", columns, rows);
    return SIZE_TAKEN;
}
