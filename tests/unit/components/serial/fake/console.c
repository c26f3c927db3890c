/* SPDX-License-Identifier: BSD-2-Clause */
/* See console.h. */
#include "tests/unit/components/serial/fake/console.h"

#include <assert.h>
#include <string.h>

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/vmm/fake/fake.h"

#define MOMENT 5000 /* microseconds */

struct fake_console fake_console;

static bool is_signalled(unsigned int channel)
{
    if (fake_console.seen[channel] == fake.notify_count[channel]) {
        return false;
    }
    fake_console.seen[channel] = fake.notify_count[channel];
    return true;
}

static void attach(struct mux_setup *setup)
{
    static const char *const names[] = {NULL, "one", "two", "three"};
    struct uart_region *uart = &fake_console.uart;

    setup->uart = uart;
    ring_consumer_init(&fake_console.out, &uart->out, uart->out_data, UART_RING_SIZE);
    ring_producer_init(&fake_console.in, &uart->in, uart->in_data, UART_RING_SIZE);
    for (unsigned int i = 1; i <= CONSOLE_FAKE_CLIENTS; i++) {
        struct console_client *client = &fake_console.clients[i];

        setup->clients[i].region = &fake_console.regions[i];
        setup->clients[i].channel = i;
        console_client_init(client, &fake_console.regions[i], CONSOLE_FAKE_BACK + i,
                            i == 3 ? CONSOLE_PROGRAM : CONSOLE_GUEST, names[i]);
        console_client_set_state(client, CONSOLE_STATE_RUNNING);
    }
}

void fake_console_start(const char *config, bool has_timer)
{
    struct mux_setup setup = {.uart_channel = CONSOLE_FAKE_UART,
                              .has_timer = has_timer,
                              .timer = CONSOLE_FAKE_TIMER,
                              .config = config,
                              .config_size = config != NULL ? strlen(config) : 0};

    fake_reset();
    fake_clock.now = 1000000;
    fake_clock.alarm = UINT64_MAX;
    memset(&fake_console, 0, offsetof(struct fake_console, text));
    attach(&setup);
    mux_init(&fake_console.mux, &setup);
}

/* What the driver does when it is signalled. True: there was something. */
static bool show(void)
{
    uint32_t room = CONSOLE_FAKE_TEXT - fake_console.text_count;
    uint32_t count;
    bool wake = false;

    if (fake_console.uart.status.drained != fake_console.uart.control.drain) {
        fake_console.uart.status.drained = fake_console.uart.control.drain;
        wake = true;
    }
    count = ring_read(&fake_console.out, fake_console.text + fake_console.text_count, room, &wake);
    fake_console.text_count += count;
    (void)ring_wait_data(&fake_console.out);
    if (wake) {
        mux_signalled(&fake_console.mux, CONSOLE_FAKE_UART);
    }
    return count > 0 || wake;
}

/* A moment passes, in which the multiplexer looks again at who has just printed. */
static void pass_a_moment(void)
{
    if (fake_clock.alarm <= fake_clock.now + MOMENT) {
        fake_clock.now = fake_clock.alarm > fake_clock.now ? fake_clock.alarm : fake_clock.now;
    }
}

void fake_console_settle(void)
{
    bool has_moved;
    unsigned int rounds = 0;

    do {
        has_moved = !fake_console.is_terminal_stuck && is_signalled(CONSOLE_FAKE_UART) && show();
        for (unsigned int i = 1; i <= CONSOLE_FAKE_CLIENTS; i++) {
            if (is_signalled(CONSOLE_FAKE_BACK + i)) {
                mux_signalled(&fake_console.mux, i);
                has_moved = true;
            }
        }
        if (!has_moved) {
            pass_a_moment();
        }
        if (fake_clock.alarm <= fake_clock.now) {
            mux_signalled(&fake_console.mux, CONSOLE_FAKE_TIMER);
            has_moved = true;
        }
        assert(++rounds < 100000);
    } while (has_moved);
}

uint32_t fake_console_type(const void *bytes, uint32_t count)
{
    bool wake = false;
    uint32_t done = ring_write(&fake_console.in, bytes, count, &wake);

    if (wake) {
        mux_signalled(&fake_console.mux, CONSOLE_FAKE_UART);
    }
    fake_console_settle();
    return done;
}

/* How many bytes at `at` are \r or an own line's attributes. */
static size_t decoration(const char *at)
{
    static const char *const texts[] = {"\r", "\x1b[0;1m", "\x1b[0m"};

    for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strncmp(at, texts[i], strlen(texts[i])) == 0) {
            return strlen(texts[i]);
        }
    }
    return 0;
}

const char *fake_console_shown(void)
{
    char *to = fake_console.text;
    const char *from = to;

    fake_console_settle();
    for (uint32_t i = 0; i < fake_console.text_count; i++) {
        if (fake_console.text[i] == '\0') {
            fake_console.text[i] = '?';
        }
    }
    fake_console.text[fake_console.text_count] = '\0';
    fake_console.text_count = 0;
    while (*from != '\0') {
        size_t skipped = decoration(from);

        if (skipped == 0) {
            *to++ = *from++;
        }
        from += skipped;
    }
    *to = '\0';
    return fake_console.text;
}

uint32_t fake_console_print(unsigned int client, const char *text)
{
    return console_client_write(&fake_console.clients[client], text, (uint32_t)strlen(text));
}

const char *fake_console_typed(unsigned int client)
{
    static char typed[0x20000];
    uint32_t count = 0;
    uint32_t piece;

    do {
        fake_console_settle();
        piece = console_client_read(&fake_console.clients[client], typed + count,
                                    (uint32_t)sizeof(typed) - 1 - count);
        count += piece;
    } while (piece > 0);
    fake_console_settle();
    typed[count] = '\0';
    return typed;
}

void fake_console_wait(uint64_t milliseconds)
{
    uint64_t end = fake_clock.now + milliseconds * 1000;

    fake_console_settle();
    while (fake_clock.alarm <= end) {
        fake_clock.now = fake_clock.alarm;
        fake_console_settle();
    }
    fake_clock.now = end;
}
