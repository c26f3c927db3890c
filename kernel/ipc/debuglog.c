/* SPDX-License-Identifier: BSD-2-Clause */
/* See debuglog.h. Owns the buffer, and knows who reads it. */
#include "kernel/ipc/debuglog.h"

#include <stdbool.h>
#include <stddef.h>

#include "kernel/ipc/notify.h"
#include "kernel/lib/log.h"

static char buffer[DEBUGLOG_SIZE];
static uint32_t head; /* characters ever put in … */
static uint32_t tail; /* … and taken out */
static uint64_t lost; /* for which there was no room */

static struct pd *reader;
static uint64_t reader_bit;
static bool is_told; /* the reader was signalled, and has not looked since */

static void tell(void)
{
    if (!is_told) {
        is_told = true;
        notify_signal(reader, reader_bit);
    }
}

static void put(char character)
{
    if (head - tail == DEBUGLOG_SIZE) {
        lost++;
        return;
    }
    buffer[head++ % DEBUGLOG_SIZE] = character;
    if (character == '\n' || head - tail > DEBUGLOG_SIZE / 2) {
        tell();
    }
}

void debuglog_take(struct pd *pd, unsigned int channel)
{
    reader = pd;
    reader_bit = 1UL << channel;
    is_told = false;
    log_redirect(put);
}

uint64_t debuglog_read(char *to, uint64_t size)
{
    uint64_t count = 0;

    is_told = false;
    while (count < size && tail != head) {
        to[count++] = buffer[tail++ % DEBUGLOG_SIZE];
    }
    if (tail == head && lost != 0) {
        uint64_t characters = lost;

        lost = 0;
        log_line("%lu characters were lost", characters);
    }
    return count;
}

void debuglog_leave(const struct pd *pd)
{
    if (reader != pd) {
        return;
    }
    reader = NULL;
    log_redirect(NULL);
    while (tail != head) {
        log_putc(buffer[tail++ % DEBUGLOG_SIZE]);
    }
}
