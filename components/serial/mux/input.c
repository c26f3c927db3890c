/* SPDX-License-Identifier: BSD-2-Clause */
/* See input.h. */
#include "components/serial/mux/input.h"

#include <string.h>

#include "components/serial/clock.h"
#include "components/serial/mux/commands.h"
#include "components/serial/mux/size.h"
#include "components/serial/mux/states.h"

#define CHUNK  256
#define CHUNKS 16 /* in one turn */

#define STUCK_SECONDS   1  /* in which a client takes nothing: it is not merely slow */
#define GIVE_UP_SECONDS 10 /* … and the key that would help may not come in */

void input_init(struct mux *mux)
{
    struct uart_region *uart = mux->uart;

    ring_consumer_init(&mux->input.in, &uart->in, uart->in_data, UART_RING_SIZE);
    mux->input.break_count = __atomic_load_n(&uart->status.break_count, __ATOMIC_RELAXED);
}

static void drop(struct mux *mux, uint32_t count)
{
    uint8_t chunk[CHUNK];

    while (count > 0) {
        uint32_t piece = count < CHUNK ? count : CHUNK;

        piece = ring_read(&mux->input.in, chunk, piece, &mux->terminal.wake);
        if (piece == 0) {
            break;
        }
        count -= piece;
    }
}

/* Input to where nobody reads it. */
static void say_unread(struct mux *mux, const struct client *client)
{
    if (mux->input.is_dropped) {
        return;
    }
    mux->input.is_dropped = true;
    if (client == NULL) {
        terminal_say(&mux->terminal, "nobody reads here; %s and a digit select who does",
                     commands_escape_name(mux));
    } else {
        terminal_say(&mux->terminal, "%u does not run; %s g starts it", client->number,
                     commands_escape_name(mux));
    }
}

/* Bytes without the escape key; returns how many were taken. */
static uint32_t type(struct mux *mux, const uint8_t *bytes, uint32_t count)
{
    struct client *client = mux_selected(mux);
    enum console_state state;

    if (client == NULL || (client_read_guest(client, &state) && states_is_over(state))) {
        say_unread(mux, client);
        return count;
    }
    return client_type(client, bytes, count);
}

/* The byte behind the escape key. */
static void take_command(struct mux *mux, uint8_t key)
{
    mux->input.is_command = false;
    if (key == mux->config.escape) {
        (void)type(mux, &key, 1);
    } else {
        commands_perform(mux, key);
    }
}

/* How many bytes there are in front of this one, or at all. */
static uint32_t bytes_before(const uint8_t *bytes, uint8_t byte, uint32_t count)
{
    const uint8_t *at = memchr(bytes, byte, count);

    return at != NULL ? (uint32_t)(at - bytes) : count;
}

/* The same, without the terminal's report of its size. One that is begun is waited for, if nothing
 * else stands behind it. */
static uint32_t take_typed(struct mux *mux, const uint8_t *bytes, uint32_t count, bool is_last)
{
    enum size_match match;

    if (!size_is_asked(mux)) {
        return type(mux, bytes, count);
    }
    match = size_take(mux, bytes, &count);
    if (match == SIZE_TAKEN) {
        return count;
    }
    if (match == SIZE_BEGINS && is_last) {
        return 0;
    }
    return type(mux, bytes, 1 + bytes_before(bytes + 1, 0x1b, count - 1));
}

/* How many of the bytes are taken before the next thing that is no input for a client. `is_last`:
 * nothing has come behind them yet. */
static uint32_t take_bytes(struct mux *mux, const uint8_t *bytes, uint32_t count, bool is_last)
{
    uint32_t typed;

    if (mux->input.is_command) {
        take_command(mux, bytes[0]);
        return 1;
    }
    if (bytes[0] == mux->config.escape) {
        mux->input.is_command = true;
        return 1;
    }
    typed = bytes_before(bytes, mux->config.escape, count);
    return take_typed(mux, bytes, typed, is_last && typed == count);
}

/* How many of the bytes in the driver's ring come before the next break; it is taken if none do.
 * Its place may be behind bytes that came after `used` was read. */
static uint32_t bytes_before_break(struct mux *mux, uint32_t used)
{
    const struct uart_status *status = &mux->uart->status;
    /* Acquire: the place after the count; pairs with the driver's release. */
    uint32_t break_count = __atomic_load_n(&status->break_count, __ATOMIC_ACQUIRE);
    uint32_t distance;

    if (break_count == mux->input.break_count) {
        return used;
    }
    distance = __atomic_load_n(&status->break_at, __ATOMIC_RELAXED) - mux->input.in.index;
    if (distance > 0 && distance <= UART_RING_SIZE) {
        return distance < used ? distance : used;
    }
    mux->input.break_count = break_count;
    if (mux_selected(mux) != NULL) {
        client_send_break(mux_selected(mux));
    }
    return used;
}

static bool has_break(const struct mux *mux)
{
    return __atomic_load_n(&mux->uart->status.break_count, __ATOMIC_RELAXED) !=
           mux->input.break_count;
}

static bool take_chunk(struct mux *mux)
{
    struct input *input = &mux->input;
    uint8_t chunk[CHUNK];
    uint32_t used = ring_used(&input->in);
    uint32_t count = bytes_before_break(mux, used);
    uint32_t taken;

    count = ring_peek(&input->in, 0, chunk, count < CHUNK ? count : CHUNK);
    if (count == 0) {
        return false;
    }
    taken = take_bytes(mux, chunk, count, count == used && !has_break(mux));
    (void)ring_read(&input->in, chunk, taken, &mux->terminal.wake);
    return taken > 0;
}

/* Where in the driver's ring the escape key is; the number of its bytes: nowhere. What was searched
 * before is not searched again: this is asked whenever something moves while a client is slow. */
static uint32_t find_escape(struct mux *mux)
{
    struct input *input = &mux->input;
    uint32_t used = ring_used(&input->in);
    uint32_t at = input->searched - input->in.index;
    uint8_t chunk[CHUNK];
    uint32_t count;

    if (at > used) {
        at = 0;
    }
    while ((count = ring_peek(&input->in, at, chunk, CHUNK)) > 0) {
        const uint8_t *escape = memchr(chunk, mux->config.escape, count);

        if (escape != NULL) {
            at += (uint32_t)(escape - chunk);
            break;
        }
        at += count;
    }
    input->searched = input->in.index + at;
    return at;
}

/* True; or false, and it is looked at again when it may be. */
static bool has_waited(struct mux *mux, const struct client *client, unsigned int seconds)
{
    uint64_t when = client->taken_at + seconds * clock_frequency();

    if (!mux->has_timer || clock_now() >= when) {
        return true;
    }
    mux_wake_at(mux, when);
    return false;
}

/* The selected client takes nothing of what is in the driver's ring. */
static bool take_from_stuck(struct mux *mux, const struct client *client)
{
    uint32_t used = ring_used(&mux->input.in);
    uint32_t at = find_escape(mux);
    bool is_full = used == UART_RING_SIZE && mux->has_timer;

    if (at < used ? !has_waited(mux, client, STUCK_SECONDS)
                  : !is_full || !has_waited(mux, client, GIVE_UP_SECONDS)) {
        return false;
    }
    if (at > 0) {
        terminal_say(&mux->terminal, "%u takes no input: %u bytes were dropped", client->number,
                     at);
    }
    drop(mux, at);
    return true;
}

bool input_take(struct mux *mux)
{
    struct client *client;
    bool was_taken = false;

    mux->input.seen = mux->input.in.index + ring_used(&mux->input.in);
    for (unsigned int i = 0; i < CHUNKS; i++) {
        if (!take_chunk(mux)) {
            break;
        }
        was_taken = true;
    }
    client = mux_selected(mux);
    if (!was_taken && client != NULL && ring_used(&mux->input.in) > 0) {
        return take_from_stuck(mux, client);
    }
    return was_taken;
}

bool input_wait(struct mux *mux)
{
    return ring_wait_more(&mux->input.in, mux->input.seen - mux->input.in.index);
}
