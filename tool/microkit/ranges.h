/* SPDX-License-Identifier: BSD-2-Clause */
/* A sorted set of disjoint address ranges: what RAM is free, what must be zeroed. */
#ifndef SLUICE_TOOL_MICROKIT_RANGES_H
#define SLUICE_TOOL_MICROKIT_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/sdf/arena.h"

struct range {
    uint64_t start;
    uint64_t end;
};

struct ranges {
    struct arena *arena;
    struct range *list;
    size_t count;
    size_t room;
};

/* Adds [start, end); touching and overlapping ranges become one. */
void ranges_add(struct ranges *ranges, uint64_t start, uint64_t end);
/* Takes [start, end) out, as far as it is in. */
void ranges_remove(struct ranges *ranges, uint64_t start, uint64_t end);
/* Takes `size` bytes aligned to `alignment` from the lowest place in [from, to) that has them. */
bool ranges_take(struct ranges *ranges, uint64_t from, uint64_t to, uint64_t size,
                 uint64_t alignment, uint64_t *start);

#endif
