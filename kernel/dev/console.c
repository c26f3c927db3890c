/* SPDX-License-Identifier: BSD-2-Clause */
/* See console.h. Owns the ring. */
#include "kernel/dev/console.h"

#include <stddef.h>

#include "kernel/arch/arch.h"
#include "kernel/dev/pl011.h"
#include "kernel/lib/log.h"

#define FOR_PROGRAMS 2048 /* of the ring */
#define FIFO         16   /* characters of a PL011, in its smallest form */
#define LOOKS        1000 /* a second, while text waits */
#define PATIENCE     4    /* the UART is off after such a part of a second without room */
#define FLUSH_LIMIT  1000000

static char ring[CONSOLE_SIZE];
static uint32_t head;       /* characters ever put in … */
static uint32_t tail;       /* … and taken out */
static uint64_t lost;       /* for which there was no room, or nobody to take them */
static uint64_t full_since; /* counter value; 0: the UART had room when last looked at */
static bool has_returned;   /* the carriage return in front of the line feed at `tail` is out */
static void (*diverted)(void);

bool console_is_empty(void)
{
    return head == tail;
}

static void say_what_was_lost(void)
{
    if (console_is_empty() && lost != 0) {
        uint64_t characters = lost;

        lost = 0;
        log_line("%lu characters were lost", characters);
    }
}

static void send(void)
{
    char character = ring[tail % CONSOLE_SIZE];

    if (character == '\n' && !has_returned) {
        has_returned = true;
        pl011_send('\r');
        return;
    }
    has_returned = false;
    tail++;
    pl011_send(character);
}

/* A guest may have turned its UART off: rather lose text than have every program wait that prints.
 */
static void give_up_late(void)
{
    uint64_t now = arch_counter();

    if (full_since == 0) {
        full_since = now;
    } else if (now - full_since > arch_counter_frequency() / PATIENCE) {
        lost += head - tail;
        tail = head;
    }
}

bool console_is_waiting(void)
{
    return !console_is_empty() && diverted == NULL;
}

bool console_drain(void)
{
    unsigned int sent = 0;

    if (!console_is_waiting()) {
        return false;
    }
    while (!console_is_empty() && sent < FIFO && pl011_has_room()) {
        send();
        sent++;
    }
    if (sent == 0) {
        give_up_late();
        return !console_is_empty();
    }
    full_since = 0;
    if (ring[(tail - 1) % CONSOLE_SIZE] == '\n') { /* not within a line */
        say_what_was_lost();
    }
    return !console_is_empty();
}

uint64_t console_next_look(void)
{
    return arch_counter() + arch_counter_frequency() / LOOKS;
}

void console_write(const char *text, unsigned int size)
{
    uint32_t room = CONSOLE_SIZE - (head - tail);
    uint32_t count = size < room ? size : room;

    for (uint32_t i = 0; i < count; i++) {
        ring[(head + i) % CONSOLE_SIZE] = text[i];
    }
    head += count;
    lost += size - count;
    if (diverted != NULL && count > 0 &&
        (text[count - 1] == '\n' || head - tail > CONSOLE_SIZE / 2)) {
        diverted();
    }
}

bool console_has_room(void)
{
    return diverted != NULL || !console_drain() || head - tail < FOR_PROGRAMS;
}

void console_flush(void)
{
    diverted = NULL;
    for (unsigned int i = 0; i < FLUSH_LIMIT && !console_is_empty(); i++) {
        if (pl011_has_room()) {
            send();
            i = 0;
        }
    }
}

void console_divert(void (*tell)(void))
{
    diverted = tell;
    (void)console_drain();
}

uint64_t console_read(char *to, uint64_t size)
{
    uint32_t from = tail;
    uint64_t count = head - from < size ? head - from : size;

    for (uint64_t i = 0; i < count; i++) {
        to[i] = ring[(from + i) % CONSOLE_SIZE];
    }
    tail = from + (uint32_t)count;
    has_returned = false;
    say_what_was_lost();
    return count;
}
