/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client of the console that does what is typed, in lines: it plays a guest, "talker", or is a
 * program, "other".
 *
 *   print N    prints N bytes of numbered lines, and says so on the channel of messages
 *   sum N      reads N bytes more, and prints their number and a checksum
 *   size       prints the terminal's size
 *   deaf       reads nothing more
 *   off        says that it is off, as a guest that powered itself off
 *   log TEXT   a line for the channel of messages
 *   watch      sets the watchdog to a tenth of a second
 */
#include <microkit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "components/lib/filled.h"
#include "components/serial/client.h"
#include "components/serial/clock.h"

#define LINE 128

extern uintptr_t console_vaddr;
extern uint64_t console_channel;

uintptr_t console_vaddr FILLED_BY_TOOL;
uint64_t console_channel FILLED_BY_TOOL;

static struct console_client console;
static char line[LINE];
static uint32_t line_count;
static bool is_deaf;
/* What is still to be printed, by "print". */
static uint32_t print_left;
static uint32_t print_number;
static char pending[LINE];
static uint32_t pending_count;
/* What is still to be read, by "sum". */
static uint32_t sum_left;
static uint32_t sum_count;
static uint32_t sum;

static void say(const char *text)
{
    (void)console_client_write(&console, text, (uint32_t)strlen(text));
}

/* True: all of it was taken. */
static bool print_pending(void)
{
    uint32_t taken = console_client_write(&console, pending, pending_count);

    memmove(pending, pending + taken, pending_count - taken);
    pending_count -= taken;
    return pending_count == 0;
}

static void go_on_printing(void)
{
    while (print_left > 0 && print_pending()) {
        (void)snprintf(pending, sizeof(pending), "%s %08u\r\n", microkit_name, print_number++);
        pending_count = (uint32_t)strlen(pending);
        print_left -= pending_count < print_left ? pending_count : print_left;
    }
    if (print_left == 0 && pending_count > 0 && print_pending()) {
        say("printed\r\n> ");
        console_client_log(&console, "printed");
    }
}

static void print(const char *argument)
{
    print_left = (uint32_t)strtoul(argument, NULL, 10);
    print_number = 0;
    go_on_printing();
}

static void begin_sum(const char *argument)
{
    sum_left = (uint32_t)strtoul(argument, NULL, 10);
    sum_count = 0;
    sum = 0;
    say("go\r\n");
}

static void say_size(const char *argument)
{
    char text[32];
    uint16_t columns = 0;
    uint16_t rows = 0;

    (void)argument;
    (void)console_client_size(&console, &columns, &rows);
    (void)snprintf(text, sizeof(text), "size %ux%u\r\n> ", columns, rows);
    say(text);
}

static void be_deaf(const char *argument)
{
    (void)argument;
    is_deaf = true;
    say("deaf\r\n");
}

static void be_off(const char *argument)
{
    (void)argument;
    console_client_set_state(&console, CONSOLE_STATE_OFF);
}

static void log_line(const char *argument)
{
    console_client_log(&console, argument);
    say("> ");
}

static void watch(const char *argument)
{
    (void)argument;
    console_client_set_watchdog(&console, clock_now() + clock_frequency() / 10);
}

static void perform(void)
{
    static const struct {
        const char *name;
        void (*perform)(const char *argument);
    } commands[] = {
        {"print ", print}, {"sum ", begin_sum}, {"size", say_size}, {"deaf", be_deaf},
        {"off", be_off},   {"log ", log_line},  {"watch", watch},
    };

    for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        size_t length = strlen(commands[i].name);

        if (strncmp(line, commands[i].name, length) == 0) {
            commands[i].perform(line + length);
            return;
        }
    }
    say("what?\r\n> ");
}

static void take_sum(const uint8_t *bytes, uint32_t count)
{
    char text[64];

    for (uint32_t i = 0; i < count; i++) {
        sum = (sum << 1 | sum >> 31) ^ bytes[i];
    }
    sum_count += count;
    sum_left -= count;
    if (sum_left == 0) {
        (void)snprintf(text, sizeof(text), "sum %u %08x\r\n> ", sum_count, sum);
        say(text);
    }
}

static void take_byte(char byte)
{
    if (byte == '\r' || byte == '\n') {
        say("\r\n");
        line[line_count] = '\0';
        line_count = 0;
        perform();
    } else if (line_count < LINE - 1) {
        line[line_count++] = byte;
        (void)console_client_write(&console, &byte, 1);
    }
}

static void take_bytes(const uint8_t *bytes, uint32_t count)
{
    while (count > 0) {
        uint32_t taken = 1;

        if (sum_left > 0) {
            taken = count < sum_left ? count : sum_left;
            take_sum(bytes, taken);
        } else {
            take_byte((char)*bytes);
        }
        bytes += taken;
        count -= taken;
    }
}

/* A break that comes behind the look for it is looked for again: it has a signal of its own. */
static void take_input(void)
{
    uint8_t bytes[256];
    uint32_t count = 1;
    bool is_break = false;

    while (!is_deaf && (count != 0 || is_break)) {
        is_break = console_client_take_break(&console);
        if (is_break) {
            say("<break>");
        }
        count = console_client_read(&console, bytes, sizeof(bytes));
        take_bytes(bytes, count);
    }
}

static void begin(void)
{
    console_client_set_state(&console, CONSOLE_STATE_RUNNING);
    line_count = 0;
    sum_left = 0;
    print_left = 0;
    pending_count = 0;
    is_deaf = false;
    say("begun\r\n> ");
}

static void take_command(void)
{
    switch (console_client_command(&console)) {
    case CONSOLE_RESTART:
    case CONSOLE_START:
        begin();
        break;
    case CONSOLE_STOP:
        console_client_set_state(&console, CONSOLE_STATE_STOPPED);
        break;
    case CONSOLE_EXPIRED:
        console_client_set_watchdog(&console, 0);
        say("expired\r\n> ");
        break;
    default:
        break;
    }
}

void init(void)
{
    console_client_init(&console, (void *)console_vaddr, (microkit_channel)console_channel,
                        microkit_name[0] == 't' ? CONSOLE_GUEST : CONSOLE_PROGRAM, microkit_name);
    console_client_set_memory(&console, 1UL << 20);
    begin();
    take_input();
}

void notified(microkit_channel channel)
{
    (void)channel;
    take_command();
    go_on_printing();
    take_input();
}
