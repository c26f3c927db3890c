/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console multiplexer, a program: up to nine clients (console.h), and the UART's driver
 * (uart.h). What the description fills:
 *
 *   uart_vaddr, uart_channel                   the region and channel shared with the driver
 *   client1_vaddr, client1_channel … client9   those shared with clients; not there: no such client
 *   timer_irq                                  INTID 30; without it, nothing waits for time
 *   config_vaddr, config_size                  the configuration's text, if there is one
 *
 * Whatever woke it, it then does all there is to do, in turns, in each of which everyone gets a
 * bounded share, and asks for signals before it sleeps.
 */
#include <microkit.h>

#include "components/lib/filled.h"
#include "components/serial/clock.h"
#include "components/serial/mux/commands.h"
#include "components/serial/mux/input.h"
#include "components/serial/mux/list.h"
#include "components/serial/mux/messages.h"
#include "components/serial/mux/size.h"
#include "components/serial/mux/states.h"
#include "components/serial/mux/view.h"
#include "components/serial/mux/watchdog.h"

#define SHARE 4096 /* bytes that a client may print in one turn */
/* A client that has just printed something is looked at again after this part of a second, instead
 * of being asked for a signal: one that prints byte by byte costs a signal for many of them. */
#define LOOK_AGAIN 250

#define FOR_EACH_CLIENT(what) \
    what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9)

extern uintptr_t uart_vaddr;
extern uint64_t uart_channel;
extern uint64_t timer_irq;
extern uintptr_t config_vaddr;
extern uint64_t config_size;

uintptr_t uart_vaddr FILLED_BY_TOOL;
uint64_t uart_channel FILLED_BY_TOOL;
uint64_t timer_irq FILLED_BY_TOOL = FILLED_WITH_NOTHING;
uintptr_t config_vaddr FILLED_BY_TOOL;
uint64_t config_size FILLED_BY_TOOL;

#define DEFINE_CLIENT(n)                        \
    extern uintptr_t client##n##_vaddr;         \
    extern uint64_t client##n##_channel;        \
    uintptr_t client##n##_vaddr FILLED_BY_TOOL; \
    uint64_t client##n##_channel FILLED_BY_TOOL;

FOR_EACH_CLIENT(DEFINE_CLIENT)

static struct mux mux;

/* What it printed, its lines, its input. True: something moved. */
static bool serve_client(struct client *client)
{
    struct source *source = &mux.sources[client->number];
    uint32_t limit = SHARE;
    bool has_moved = false;

    if (view_is_shown(&mux, client->number)) {
        uint32_t pending = scrollback_pending(&source->scrollback);

        limit = pending < VIEW_PENDING ? VIEW_PENDING - pending : 0;
    }
    if (client_collect(client, &source->scrollback, limit) > 0) {
        source->arrived_at = clock_now();
        client->has_printed = true;
        has_moved = true;
    }
    has_moved |= messages_collect(&mux, client);
    if (client_has_backlog(client)) {
        client_push_backlog(client);
    }
    return has_moved;
}

static bool serve_clients(void)
{
    bool has_moved = false;

    for (unsigned int i = 1; i < SOURCE_COUNT; i++) {
        if (mux.clients[i].is_due) {
            has_moved |= serve_client(&mux.clients[i]);
        }
    }
    return has_moved;
}

static void signal_all(void)
{
    if (mux.terminal.wake) {
        mux.terminal.wake = false;
        microkit_notify(mux.uart_channel);
    }
    for (unsigned int i = 1; i < SOURCE_COUNT; i++) {
        client_signal(&mux.clients[i]);
    }
}

/* Asks a client for a signal, if what it prints would be taken. True: there is something. */
static bool wait_client(struct client *client)
{
    const struct scrollback *scrollback = &mux.sources[client->number].scrollback;
    bool is_held =
        view_is_shown(&mux, client->number) && scrollback_pending(scrollback) >= VIEW_PENDING;

    if ((!is_held && ring_wait_data(&client->out)) || ring_wait_data(&client->log)) {
        return true;
    }
    client->is_due = false;
    return false;
}

/* Nothing moves any more: asks everyone for a signal. True: in between something came, or went. */
static bool moves_again(void)
{
    bool is_so = input_wait(&mux);

    for (unsigned int i = 1; i < SOURCE_COUNT; i++) {
        if (mux.clients[i].is_due && mux.clients[i].has_printed && mux.has_timer) {
            mux_wake_at(&mux, clock_now() + clock_frequency() / LOOK_AGAIN);
        } else if (mux.clients[i].is_due) {
            is_so |= wait_client(&mux.clients[i]);
        }
    }
    if (!view_is_through(&mux) && ring_room(&mux.terminal.out) < UART_RING_SIZE / 4) {
        is_so |= ring_wait_room(&mux.terminal.out, UART_RING_SIZE / 4);
    }
    return is_so;
}

static void set_alarm(void)
{
    if (!mux.has_timer) {
        return;
    }
    if (mux.wake_at == NEVER) {
        clock_clear_alarm();
    } else {
        /* Not at once: what others want to happen must not keep it busy. */
        uint64_t soon = clock_now() + clock_frequency() / 1000;

        clock_set_alarm(mux.wake_at < soon ? soon : mux.wake_at);
    }
}

static void work(void)
{
    bool has_moved;

    for (unsigned int i = 1; i < SOURCE_COUNT; i++) {
        mux.clients[i].has_printed = false;
    }
    do {
        mux.wake_at = NEVER;
        has_moved = input_take(&mux);
        has_moved |= serve_clients();
        watchdog_look(&mux);
        list_continue(&mux);
        states_look(&mux);
        has_moved |= size_put(&mux);
        has_moved |= view_put(&mux);
        has_moved |= states_power_off(&mux);
        signal_all();
    } while (has_moved || moves_again());
    set_alarm();
}

static void init_clients(void)
{
#define INIT_CLIENT(n)                                         \
    client_init(&mux.clients[n], n, (void *)client##n##_vaddr, \
                (microkit_channel)client##n##_channel);
    FOR_EACH_CLIENT(INIT_CLIENT)
}

static void init_uart(void)
{
    mux.uart = (struct uart_region *)uart_vaddr;
    mux.uart_channel = (microkit_channel)uart_channel;
    ring_producer_init(&mux.terminal.out, &mux.uart->out, mux.uart->out_data, UART_RING_SIZE);
    input_init(&mux);
}

/* Shown at the start, and kept where messages are. */
static void report_config(void *context, unsigned int line, const char *why)
{
    (void)context;
    terminal_say(&mux.terminal, "configuration, line %u: %s", line, why);
    messages_say(&mux, "configuration, line %u: %s", line, why);
}

static void init_config(void)
{
    config_set_defaults(&mux.config);
    if (config_vaddr != 0) {
        config_parse(&mux.config, (const char *)config_vaddr, config_size, report_config, NULL);
    }
}

_Static_assert(CONFIG_SHOW_ALL == SOURCE_ALL, "what config.h says of mux.h");

/* What the configuration says, if it is there; else the first client that is. */
static unsigned int first_shown(void)
{
    unsigned int shown = mux.config.show;

    if (shown == SOURCE_MESSAGES || shown == SOURCE_ALL || client_exists(&mux.clients[shown])) {
        return shown;
    }
    for (shown = 1; shown < SOURCE_COUNT && !client_exists(&mux.clients[shown]); shown++) {
    }
    return shown < SOURCE_COUNT ? shown : SOURCE_MESSAGES;
}

void init(void)
{
    init_config();
    mux.has_timer = timer_irq != FILLED_WITH_NOTHING;
    mux.open = SOURCE_COUNT;
    init_uart();
    init_clients();
    mux.shown = first_shown();
    terminal_say(&mux.terminal, "console: %s and a digit select, %s ? helps",
                 commands_escape_name(&mux), commands_escape_name(&mux));
    work();
}

void notified(microkit_channel channel)
{
    for (unsigned int i = 1; i < SOURCE_COUNT; i++) {
        struct client *client = &mux.clients[i];

        /* The driver has room, or time has come: for anyone. */
        if (client_exists(client) &&
            (client->channel == channel || channel == mux.uart_channel || channel == timer_irq)) {
            client->is_due = true;
        }
    }
    work();
    if (channel == timer_irq) {
        microkit_irq_ack(channel);
    }
}
