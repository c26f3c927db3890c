/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The turn of the multiplexer: whatever woke it, it does all there is to do, in turns, in each of
 * which everyone gets a bounded share, and asks for signals before it sleeps.
 */
#include "components/serial/mux/mux.h"

#include "components/serial/clock.h"
#include "components/serial/mux/commands.h"
#include "components/serial/mux/input.h"
#include "components/serial/mux/list.h"
#include "components/serial/mux/messages.h"
#include "components/serial/mux/size.h"
#include "components/serial/mux/states.h"
#include "components/serial/mux/view.h"
#include "components/serial/mux/watchdog.h"

/* A client that has just printed something is looked at again after this part of a second, instead
 * of being asked for a signal: one that prints byte by byte costs a signal for many of them. */
#define LOOK_AGAIN 250
#define SHARE      4096 /* bytes that a client may print in one turn */
#define TURNS      16   /* of moving bytes, after which it looks around */

_Static_assert(CONFIG_SHOW_ALL == SOURCE_ALL, "what config.h says of mux.h");

/* What it printed, its lines, its input. True: something moved. */
static bool serve_client(struct mux *mux, struct client *client)
{
    struct source *source = &mux->sources[client->number];
    uint32_t limit = SHARE;
    bool has_moved = false;

    if (view_is_shown(mux, client->number)) {
        uint32_t pending = scrollback_pending(&source->scrollback);

        limit = pending < VIEW_PENDING ? VIEW_PENDING - pending : 0;
    }
    if (client_collect(client, &source->scrollback, limit) > 0) {
        source->arrived_at = clock_now();
        client->has_printed = true;
        has_moved = true;
    }
    has_moved |= messages_collect(mux, client);
    client_push_backlog(client);
    return has_moved;
}

static bool serve_clients(struct mux *mux)
{
    bool has_moved = false;

    for (unsigned int i = 1; i < mux->client_end; i++) {
        struct client *client = &mux->clients[i];

        if (client->is_due) {
            has_moved |= serve_client(mux, client);
        }
        if (client_resumes_at(client) != 0) {
            mux_wake_at(mux, client_resumes_at(client));
        }
    }
    return has_moved;
}

static void signal_all(struct mux *mux)
{
    if (mux->terminal.wake) {
        mux->terminal.wake = false;
        microkit_notify(mux->uart_channel);
    }
    for (unsigned int i = 1; i < mux->client_end; i++) {
        client_signal(&mux->clients[i]);
    }
}

/* Asks a client for a signal, if what it prints would be taken. True: there is something. */
static bool wait_client(struct mux *mux, struct client *client)
{
    const struct scrollback *scrollback = &mux->sources[client->number].scrollback;
    bool is_held =
        view_is_shown(mux, client->number) && scrollback_pending(scrollback) >= VIEW_PENDING;

    if ((!is_held && ring_wait_data(&client->out)) || ring_wait_data(&client->log)) {
        return true;
    }
    client->is_due = false;
    return false;
}

/* Nothing moves any more: asks everyone for a signal. True: in between something came, or went,
 * since it was looked at. */
static bool moves_again(struct mux *mux)
{
    bool is_so = input_wait(mux) || ring_wait_data(&mux->kernel_log);

    for (unsigned int i = 1; i < mux->client_end; i++) {
        struct client *client = &mux->clients[i];

        if (client->is_due && client->has_printed && mux->has_timer) {
            mux_wake_at(mux, clock_now() + clock_frequency() / LOOK_AGAIN);
        } else if (client->is_due) {
            is_so |= wait_client(mux, client);
        }
    }
    if (!view_is_through(mux) && mux->room < UART_RING_SIZE / 4) {
        is_so |= ring_wait_room(&mux->terminal.out, UART_RING_SIZE / 4);
    }
    return is_so;
}

static void set_alarm(struct mux *mux)
{
    uint64_t soon;

    if (!mux->has_timer || mux->wake_at == mux->alarm) {
        return;
    }
    mux->alarm = mux->wake_at;
    if (mux->wake_at == NEVER) {
        clock_clear_alarm();
        return;
    }
    /* Not at once: what others want to happen must not keep it busy. */
    soon = clock_now() + clock_frequency() / 1000;
    clock_set_alarm(mux->wake_at < soon ? soon : mux->wake_at);
}

/* Bytes, in all directions. True: there may be more. */
static bool move(struct mux *mux)
{
    bool has_moved = true;

    for (unsigned int turn = 0; has_moved && turn < TURNS; turn++) {
        mux->wake_at = NEVER;
        has_moved = input_take(mux);
        has_moved |= serve_clients(mux);
        has_moved |= messages_collect_kernel(mux);
        has_moved |= size_put(mux);
        mux->room = ring_room(&mux->terminal.out);
        has_moved |= view_put(mux);
        signal_all(mux);
    }
    if (has_moved) {
        /* Signals wait to be received, while someone on another core keeps it busy. */
        clients_set_due(mux->clients, mux->client_end);
    }
    return has_moved;
}

/* What follows from what stands in the regions, and from time. True: something was said. */
static bool look_around(struct mux *mux)
{
    uint32_t notice_count = mux->terminal.notice_count;

    watchdog_look(mux);
    list_continue(mux);
    states_look(mux);
    states_power_off(mux);
    signal_all(mux);
    return mux->terminal.notice_count != notice_count;
}

static void work(struct mux *mux)
{
    bool has_moved;

    for (unsigned int i = 1; i < mux->client_end; i++) {
        mux->clients[i].has_printed = false;
    }
    do {
        has_moved = move(mux);
        has_moved |= look_around(mux);
    } while (has_moved || moves_again(mux));
    set_alarm(mux);
}

/* Shown at the start, and kept where messages are. */
static void report_config(void *context, unsigned int line, const char *why)
{
    struct mux *mux = context;

    terminal_say(&mux->terminal, "configuration, line %u: %s", line, why);
    messages_say(mux, "configuration, line %u: %s", line, why);
}

/* What the configuration says, if it is there; else the first client that is. */
static unsigned int first_shown(const struct mux *mux)
{
    unsigned int shown = mux->config.show;

    if (shown == SOURCE_MESSAGES || shown == SOURCE_ALL || client_exists(&mux->clients[shown])) {
        return shown;
    }
    for (shown = 1; shown < SOURCE_COUNT && !client_exists(&mux->clients[shown]); shown++) {
    }
    return shown < SOURCE_COUNT ? shown : SOURCE_MESSAGES;
}

void mux_init(struct mux *mux, const struct mux_setup *setup)
{
    mux->uart = setup->uart;
    mux->uart_channel = setup->uart_channel;
    mux->has_timer = setup->has_timer;
    mux->timer = setup->timer;
    mux->open = SOURCE_COUNT;
    mux->alarm = NEVER;
    for (unsigned int i = 1; i < SOURCE_COUNT; i++) {
        client_init(&mux->clients[i], i, setup->clients[i].region, setup->clients[i].channel,
                    mux->has_timer);
        if (client_exists(&mux->clients[i])) {
            mux->client_end = i + 1;
        }
    }
    ring_producer_init(&mux->terminal.out, &mux->uart->out, mux->uart->out_data, UART_RING_SIZE);
    ring_consumer_init(&mux->kernel_log, &mux->uart->log, mux->uart->log_data, UART_LOG_SIZE);
    input_init(mux);
    config_set_defaults(&mux->config);
    if (setup->config != NULL) {
        config_parse(&mux->config, setup->config, setup->config_size, report_config, mux);
    }
    mux->shown = first_shown(mux);
    terminal_say(&mux->terminal, "console: %s and a digit select, %s ? helps",
                 commands_escape_name(mux), commands_escape_name(mux));
    work(mux);
}

void mux_signalled(struct mux *mux, microkit_channel channel)
{
    bool is_timer = mux->has_timer && channel == mux->timer;

    for (unsigned int i = 1; i < mux->client_end; i++) {
        struct client *client = &mux->clients[i];

        /* The driver has room, or time has come: for anyone. */
        if (client_exists(client) &&
            (client->channel == channel || channel == mux->uart_channel || is_timer)) {
            client->is_due = true;
        }
    }
    if (is_timer) {
        mux->alarm = 0; /* it has come, and is set anew or cleared */
    }
    work(mux);
    if (is_timer) {
        microkit_irq_ack(channel);
    }
}
