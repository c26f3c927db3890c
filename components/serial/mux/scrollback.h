/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last bytes that a source printed, and how far the user has seen them. All that is shown goes
 * through here, so that showing something again is moving back.
 *
 *   start    the oldest byte that is kept
 *   shown    the next byte to be shown
 *   fresh    the first byte that was never shown
 *   end      behind the newest one
 *
 * start <= shown <= fresh <= end <= start + SCROLLBACK_SIZE; bytes are numbered from 0 on.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_SCROLLBACK_H
#define SLUICE_COMPONENTS_SERIAL_MUX_SCROLLBACK_H

#include <stdbool.h>
#include <stdint.h>

#define SCROLLBACK_SIZE    0x10000U /* a power of two */
#define SCROLLBACK_CONTEXT 0x2000U  /* bytes that are shown again, at most */
#define SCROLLBACK_LINE    0x200U   /* a longer line is not begun again */

struct scrollback {
    uint64_t start;
    uint64_t shown;
    uint64_t fresh;
    uint64_t end;
    uint64_t dropped; /* never shown, and not kept any more */
    uint8_t data[SCROLLBACK_SIZE];
};

/* Appends; the oldest bytes go. */
void scrollback_put(struct scrollback *scrollback, const void *bytes, uint32_t count);

/* Bytes from `shown` on. */
uint32_t scrollback_pending(const struct scrollback *scrollback);
/* How many of them were shown before. */
uint32_t scrollback_replayed(const struct scrollback *scrollback);
/* Copies at most `count` of them; returns how many. */
uint32_t scrollback_peek(const struct scrollback *scrollback, void *bytes, uint32_t count);
/* They were shown. */
void scrollback_advance(struct scrollback *scrollback, uint32_t count);

/* Goes back to show at most `lines` lines again in front of what is fresh. Returns how many fresh
 * bytes are lost; then it goes on at the first whole line. */
uint64_t scrollback_rewind(struct scrollback *scrollback, unsigned int lines);
/* Goes back to the start of the line in which `shown` is, if that is not far. */
void scrollback_rewind_line(struct scrollback *scrollback);

#endif
