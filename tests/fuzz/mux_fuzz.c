/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the console multiplexer, on a whole console (tests/unit/components). Input:
 * steps of seven bytes. A user types anything, clients 1 and 2 do as clients do, client 3 writes
 * anything anywhere in its region, time passes, the terminal stops and goes on. No step goes on for
 * ever; at the end the user selects client 1, sees what it prints, and it gets what he types.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/components/serial/fake/console.h"
#include "tests/unit/vmm/fake/fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY 0x1d

struct step {
    uint8_t kind;
    uint16_t offset;
    uint32_t value;
} __attribute__((packed));

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

static void press(const struct step *step)
{
    const uint8_t keys[] = {KEY, (uint8_t)step->value};

    (void)fake_console_type(keys, sizeof(keys));
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
    console_client_log(client, "changed");
    fake_console_settle();
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

static void wait_some(const struct step *step)
{
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
        type,      press,  paste,    print,     print_much,    read_some,
        read_some, change, scribble, wait_some, stop_terminal, send_break,
    };

    kinds[(step->kind & 0x7f) % (sizeof(kinds) / sizeof(kinds[0]))](step);
}

static void require_shown(const char *text)
{
    require(strstr(fake_console_shown(), text) != NULL);
}

/* What was typed before may lie in front of everything. */
static void check(void)
{
    fake_console.is_terminal_stuck = false;
    console_client_set_state(&fake_console.clients[1], CONSOLE_STATE_RUNNING);
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_RUNNING);
    for (unsigned int i = 0; i < 3; i++) {
        fake_console_wait(11000);
        (void)fake_console_shown();
        (void)fake_console_typed(1);
        (void)console_client_take_break(&fake_console.clients[1]);
        (void)fake_console_typed(2);
        (void)console_client_take_break(&fake_console.clients[2]);
    }
    /* Was the escape key the last one? Then this is the key itself, or a command of no weight. */
    (void)fake_console_type("?", 1);
    (void)fake_console_type("\x1d"
                            "1",
                            2);
    fake_console_wait(1100);
    require_shown("[sluice: 1 one]\n");
    (void)fake_console_print(1, "\r\nmarker\r\n");
    require_shown("marker\n");
    (void)fake_console_typed(1);
    (void)console_client_take_break(&fake_console.clients[1]);
    (void)fake_console_typed(1);
    (void)fake_console_type("typed", 5);
    require(strcmp(fake_console_typed(1), "typed") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step step;

    fake_console_start((size & 1) == 0 ? "show = all\n" : NULL, (size & 2) == 0);
    for (; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step);
    }
    check();
    return 0;
}
