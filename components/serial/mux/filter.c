/* SPDX-License-Identifier: BSD-2-Clause */
/* See filter.h. */
#include "components/serial/mux/filter.h"

#include <string.h>

#define ENQ 0x05
#define ESC 0x1b

static bool keeps_text_replay(uint8_t byte)
{
    return byte != ENQ;
}

/* A string may ask (OSC 10;?), ESC Z asks, and so do these CSI sequences. */
static bool keeps_sequence_replay(const uint8_t *sequence, uint32_t count)
{
    uint8_t last = sequence[count - 1];

    if (count < 2 || strchr("]PX^_Z", sequence[1]) != NULL) {
        return false;
    }
    return sequence[1] != '[' || strchr("cnpqtx", last) == NULL;
}

static bool keeps_text_lines(uint8_t byte)
{
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t' || byte == '\n';
}

static bool keeps_sequence_lines(const uint8_t *sequence, uint32_t count)
{
    return count > 2 && sequence[1] == '[' && sequence[count - 1] == 'm';
}

static const struct {
    bool (*keeps_text)(uint8_t byte);
    bool (*keeps_sequence)(const uint8_t *sequence, uint32_t count);
} kinds[] = {
    [FILTER_REPLAY] = {keeps_text_replay, keeps_sequence_replay},
    [FILTER_LINES] = {keeps_text_lines, keeps_sequence_lines},
};

uint32_t filter_feed(struct filter *filter, enum filter_kind kind, uint8_t byte, uint8_t *out)
{
    enum escape_part part = escape_feed(&filter->escape, byte);
    uint32_t count;

    if (part == ESCAPE_PART_TEXT) {
        out[0] = byte;
        return kinds[kind].keeps_text(byte) ? 1 : 0;
    }
    if (filter->escape.state == ESCAPE_BEGUN && byte == ESC) {
        filter->count = 0; /* an unfinished one before it comes to nothing */
    }
    if (filter->count < FILTER_SEQUENCE) {
        filter->sequence[filter->count] = byte;
    }
    count = ++filter->count;
    if (part == ESCAPE_PART_INSIDE) {
        return 0;
    }
    filter->count = 0;
    if (count > FILTER_SEQUENCE || !kinds[kind].keeps_sequence(filter->sequence, count)) {
        return 0;
    }
    memcpy(out, filter->sequence, count);
    return count;
}

uint32_t filter_flush(struct filter *filter, uint8_t *out)
{
    uint32_t count = filter->count <= FILTER_SEQUENCE ? filter->count : 0;

    if (filter->count == 0) {
        return 0;
    }
    memcpy(out, filter->sequence, count);
    *filter = (struct filter){0};
    return count;
}
