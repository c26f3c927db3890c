/* SPDX-License-Identifier: BSD-2-Clause */
/* See escape.h: one function for each state, which says the next one. */
#include "components/serial/mux/escape.h"

#include <stddef.h>
#include <string.h>

#define BEL 0x07
#define CAN 0x18
#define SUB 0x1a
#define ESC 0x1b

static enum escape_state after_none(uint8_t byte)
{
    return byte == ESC ? ESCAPE_BEGUN : ESCAPE_NONE;
}

static enum escape_state after_begun(uint8_t byte)
{
    if (byte == '[') {
        return ESCAPE_CSI;
    }
    if (byte != 0 && strchr("]PX^_", byte) != NULL) {
        return ESCAPE_STRING;
    }
    if (byte >= 0x20 && byte < 0x30) {
        return ESCAPE_INTERMEDIATE;
    }
    return byte < 0x20 ? ESCAPE_BEGUN : ESCAPE_NONE;
}

static enum escape_state after_intermediate(uint8_t byte)
{
    return byte < 0x30 ? ESCAPE_INTERMEDIATE : ESCAPE_NONE;
}

static enum escape_state after_csi(uint8_t byte)
{
    return byte < 0x40 ? ESCAPE_CSI : ESCAPE_NONE;
}

static enum escape_state after_string(uint8_t byte)
{
    if (byte == ESC) {
        return ESCAPE_STRING_END;
    }
    return byte == BEL ? ESCAPE_NONE : ESCAPE_STRING;
}

static enum escape_state after_string_end(uint8_t byte)
{
    return byte == '\\' ? ESCAPE_NONE : after_begun(byte);
}

static enum escape_state (*const after[])(uint8_t byte) = {
    [ESCAPE_NONE] = after_none,
    [ESCAPE_BEGUN] = after_begun,
    [ESCAPE_INTERMEDIATE] = after_intermediate,
    [ESCAPE_CSI] = after_csi,
    [ESCAPE_STRING] = after_string,
    [ESCAPE_STRING_END] = after_string_end,
};

enum escape_part escape_feed(struct escape *escape, uint8_t byte)
{
    enum escape_state old = escape->state;

    if (byte == CAN || byte == SUB) {
        escape->state = ESCAPE_NONE;
    } else if (byte == ESC && old != ESCAPE_STRING) {
        escape->state = ESCAPE_BEGUN;
    } else {
        escape->state = after[old](byte);
    }
    if (escape->state != ESCAPE_NONE) {
        return ESCAPE_PART_INSIDE;
    }
    return old == ESCAPE_NONE ? ESCAPE_PART_TEXT : ESCAPE_PART_LAST;
}
