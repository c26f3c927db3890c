/* SPDX-License-Identifier: BSD-2-Clause */
/* See debuglog.h. Knows who reads; the text is dev/console.c's. */
#include "kernel/ipc/debuglog.h"

#include <stdbool.h>
#include <stddef.h>

#include "kernel/dev/console.h"
#include "kernel/ipc/notify.h"

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

void debuglog_take(struct pd *pd, unsigned int channel)
{
    reader = pd;
    reader_bit = 1UL << channel;
    is_told = false;
    console_divert(tell);
}

uint64_t debuglog_read(char *to, uint64_t size)
{
    is_told = false;
    return console_read(to, size);
}

void debuglog_leave(const struct pd *pd)
{
    if (reader == pd) {
        reader = NULL;
        console_divert(NULL);
    }
}
