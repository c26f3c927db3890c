/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a stream of bytes for a terminal is in an escape sequence (ECMA-48, and xterm's ways). */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_ESCAPE_H
#define SLUICE_COMPONENTS_SERIAL_MUX_ESCAPE_H

#include <stdbool.h>
#include <stdint.h>

enum escape_state {
    ESCAPE_NONE,
    ESCAPE_BEGUN,        /* after ESC */
    ESCAPE_INTERMEDIATE, /* after ESC and a byte of 0x20..0x2f */
    ESCAPE_CSI,          /* after ESC [ */
    ESCAPE_STRING,       /* after ESC ] and its like, up to BEL or ESC \ */
    ESCAPE_STRING_END,   /* after ESC in a string */
};

struct escape {
    enum escape_state state;
};

enum escape_part {
    ESCAPE_PART_TEXT, /* of no sequence */
    ESCAPE_PART_INSIDE,
    ESCAPE_PART_LAST, /* ends a sequence */
};

/* What the next byte is. Zeroed, it begins outside of sequences. */
enum escape_part escape_feed(struct escape *escape, uint8_t byte);

static inline bool escape_is_inside(const struct escape *escape)
{
    return escape->state != ESCAPE_NONE;
}

#endif
