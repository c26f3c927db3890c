/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the console multiplexer, on a whole console (tests/unit/components). Input:
 * a byte of flags, then steps of seven bytes. A user types anything, commands above all, his
 * terminal tells its size, clients 1 and 2 do as clients do, client 3 writes anything anywhere in
 * its region, the kernel has something to say, time passes, the terminal stops and goes on. No step
 * goes on for ever; at the end the user selects client 1, sees what it prints, and it gets what he
 * types.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/components/serial/fake/console.h"
#include "tests/unit/vmm/fake/fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FLAG_NO_TIMER 0x80

/* Longer than any pause between two bursts of input. */
#define PAUSE_MS 300

struct step {
    uint8_t kind;
    uint16_t offset;
    uint32_t value;
} __attribute__((packed));

static const char *const configs[] = {
    NULL,
    "show = all\n",
    "show = 0\npoweroff = all\n",
    "escape = ^a # not ^]\nshow = 3\n",
    "show = 9\npoweroff = never\nescape = ^_\n",
    "nothing\nshow = 10\nescape = ^m\npoweroff = yes\ncolour = red\n",
};

static struct ring kernel_log; /* the driver's side */

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static void type(const struct step *step)
{
    (void)fake_console_type(&step->value, sizeof(step->value));
}

static uint32_t press_key(uint8_t key)
{
    const uint8_t keys[] = {fake_console.mux.config.escape, key};

    return fake_console_type(keys, sizeof(keys));
}

/* One of the commands, or whatever key. */
static void press(const struct step *step)
{
    static const char commands[] = "0123aalllrsgbbwww?h9";
    size_t number = step->offset % (sizeof(commands) + 3);

    if (number < sizeof(commands) - 1) {
        (void)press_key((uint8_t)commands[number]);
    } else {
        (void)press_key(number % 2 == 0 ? fake_console.mux.config.escape : (uint8_t)step->value);
    }
}

/* The terminal tells its size: all of the report, or a part of it now, or something like one. */
static void answer(const struct step *step)
{
    char text[48];
    int length = snprintf(text, sizeof(text), "\x1b[%u;%u%c", step->value & 0xfff,
                          step->value >> 12 & 0x3fff, (step->value >> 28) == 0 ? 'n' : 'R');
    uint32_t count = (uint32_t)length;

    if ((step->offset & 0x3) == 0) {
        count = step->offset % count;
    }
    if ((step->offset & 0x40) != 0) {
        (void)press_key('w');
    }
    (void)fake_console_type(text, count);
}

static void paste(const struct step *step)
{
    static uint8_t text[UART_RING_SIZE];

    memset(text, (int)step->value, sizeof(text));
    (void)fake_console_type(text, step->offset % sizeof(text));
}

static void print(const struct step *step)
{
    (void)console_client_write(&fake_console.clients[1 + step->offset % 2], &step->value,
                               sizeof(step->value));
    fake_console_settle();
}

/* What terminals take for more than text. */
static void print_sequence(const struct step *step)
{
    static const char *const texts[] = {
        "\n",
        "\r\n",
        "\x1b[31m",
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\x1b]0;ti\x1b\\",
        "\x1b(0",
        "\x1b",
        "\x1b[",
        "\x1b]",
        "\x18",
        "\x0e",
        "\x1b[6n",
        "\x1b[?25l",
        "line\n",
        "\x1b[5\x1b[m",
        "prompt$ ",
        "\x1b[1;31",
    };
    const char *text = texts[step->value % (sizeof(texts) / sizeof(texts[0]))];

    (void)fake_console_print(1 + step->offset % 2, text);
    fake_console_settle();
}

static void print_much(const struct step *step)
{
    static uint8_t text[CONSOLE_OUT_SIZE];

    memset(text, (int)step->value, sizeof(text));
    (void)console_client_write(&fake_console.clients[1 + step->offset % 2], text,
                               step->value % sizeof(text));
    fake_console_settle();
}

static void read_some(const struct step *step)
{
    struct console_client *client = &fake_console.clients[1 + step->offset % 2];
    uint8_t bytes[256];

    (void)console_client_read(client, bytes, sizeof(bytes));
    (void)console_client_take_break(client);
    (void)console_client_command(client);
    fake_console_settle();
}

static void change(const struct step *step)
{
    struct console_client *client = &fake_console.clients[1 + step->offset % 2];

    console_client_set_state(client, step->value % (CONSOLE_STATE_FAILED + 1));
    console_client_set_watchdog(client, fake_clock.now + step->value % 100000);
    console_client_set_memory(client, (uint64_t)step->value << (step->offset >> 8 & 0xf));
    console_client_log(client, "changed");
    fake_console_settle();
}

/* Guests 1 and 2 are off, or fail: the machine may go off, too. */
static void end_guests(const struct step *step)
{
    enum console_state state = step->value % 4 == 0 ? CONSOLE_STATE_FAILED : CONSOLE_STATE_OFF;

    console_client_set_state(&fake_console.clients[1], state);
    fake_console_settle();
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_OFF);
    fake_console_settle();
}

/* More for a client than all that is between it and who types can hold. */
static void flood(const struct step *step)
{
    static uint8_t text[UART_RING_SIZE];

    memset(text, (int)step->value, sizeof(text));
    (void)press_key((uint8_t)('1' + step->offset % 3));
    for (unsigned int i = 0; i < 3; i++) {
        (void)fake_console_type(text, sizeof(text));
    }
    fake_console_wait(step->offset >> 2 & 0x3fff);
}

static void scribble(const struct step *step)
{
    uint8_t *bytes = (uint8_t *)&fake_console.regions[3];
    size_t limit = sizeof(fake_console.regions[3]) - sizeof(step->value);
    /* The first bytes say most. */
    size_t offset = (step->kind & 0x80) != 0 ? step->offset % limit : step->offset % 0xa00;

    memcpy(bytes + offset, &step->value, sizeof(step->value));
    fake.notify_count[CONSOLE_FAKE_BACK + 3]++;
    fake_console_settle();
}

/* The driver has a line of the kernel's. */
static void say_of_kernel(const struct step *step)
{
    static const char line[] = "sluice: something happened\n";
    bool wake = false;

    (void)ring_write(&kernel_log, line, step->offset % sizeof(line), &wake);
    if (wake) {
        mux_signalled(&fake_console.mux, CONSOLE_FAKE_UART);
    }
    fake_console_settle();
}

/* Milliseconds, or days: a list says for how long. */
static void wait_some(const struct step *step)
{
    if (step->value % 4 == 0) {
        fake_clock.now += (uint64_t)step->offset * step->offset * 1000;
    }
    fake_console_wait(step->offset % 2000);
}

static void stop_terminal(const struct step *step)
{
    fake_console.is_terminal_stuck = step->value % 2 == 0;
    (void)fake_console_shown();
}

/* As the driver does: behind the bytes that it has put into the ring. */
static void send_break(const struct step *step)
{
    paste(step);
    fake_console.uart.status.break_at = fake_console.in.index;
    fake_console.uart.status.break_count++;
    (void)fake_console_type("b", 1);
}

static void perform(const struct step *step)
{
    static void (*const kinds[])(const struct step *step) = {
        type,          press,      press,         answer,     paste,  print,    print_sequence,
        print_much,    read_some,  read_some,     change,     change, scribble, wait_some,
        stop_terminal, send_break, say_of_kernel, end_guests, flood,
    };

    kinds[(step->kind & 0x7f) % (sizeof(kinds) / sizeof(kinds[0]))](step);
}

static void require_shown(const char *text)
{
    require(strstr(fake_console_shown(), text) != NULL);
}

/* Reads like a client that is always there, until nothing comes for longer than a pause. What waits
 * is no more than the backlog and the driver's ring, and comes in bursts. */
static void read_all(unsigned int number)
{
    struct console_client *client = &fake_console.clients[number];
    uint8_t bytes[CONSOLE_IN_SIZE];
    unsigned int quiet = 0;

    for (unsigned int i = 0; quiet < 2; i++) {
        require(i < (CLIENT_BACKLOG + 2 * UART_RING_SIZE) / CLIENT_BURST);
        quiet++;
        if (console_client_take_break(client) ||
            console_client_read(client, bytes, sizeof(bytes)) > 0) {
            quiet = 0;
        }
        fake_console_wait(PAUSE_MS);
    }
}

/* What client 3 was typed nobody wants, and without a timer nobody gives up waiting for it. */
static void give_up_typed(void)
{
    fake_console.is_terminal_stuck = false;
    (void)fake_console_shown();
    fake_console_wait(11000);
    (void)fake_console_shown();
    if (!fake_console.mux.has_timer) {
        console_client_init(&fake_console.clients[3], &fake_console.regions[3],
                            CONSOLE_FAKE_BACK + 3, CONSOLE_PROGRAM, "three");
        read_all(3);
    }
}

/* What was typed before may lie in front of everything. */
static void check(void)
{
    give_up_typed();
    console_client_set_state(&fake_console.clients[1], CONSOLE_STATE_RUNNING);
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_RUNNING);
    read_all(1);
    read_all(2);
    (void)fake_console_shown();
    /* Was the escape key the last one? Then this is the key itself, or a command of no weight. */
    require(fake_console_type("?", 1) == 1);
    require(press_key('1') == 2);
    fake_console_wait(1100);
    require_shown("[sluice: 1 one]\n");
    (void)fake_console_print(1, "\r\nmarker\r\n");
    require_shown("marker\n");
    read_all(1);
    require(fake_console_type("typed", 5) == 5);
    fake_console_wait(PAUSE_MS);
    require(strcmp(fake_console_typed(1), "typed") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step step;

    if (size == 0) {
        return 0;
    }
    fake_console_start(configs[(*data & 0x7f) % (sizeof(configs) / sizeof(configs[0]))],
                       (*data & FLAG_NO_TIMER) == 0);
    ring_producer_init(&kernel_log, &fake_console.uart.log, fake_console.uart.log_data,
                       UART_LOG_SIZE);
    for (data++, size--; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step);
    }
    check();
    return 0;
}
