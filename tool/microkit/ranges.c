/* SPDX-License-Identifier: BSD-2-Clause */
/* See ranges.h. */
#include "tool/microkit/ranges.h"

#include <string.h>

static void insert_at(struct ranges *ranges, size_t index, struct range range)
{
    if (ranges->count == ranges->room) {
        size_t room = ranges->room == 0 ? 16 : 2 * ranges->room;
        struct range *list = arena_array(ranges->arena, room, sizeof(*list));

        if (ranges->count > 0) {
            memcpy(list, ranges->list, ranges->count * sizeof(*list));
        }
        ranges->list = list;
        ranges->room = room;
    }
    memmove(&ranges->list[index + 1], &ranges->list[index],
            (ranges->count - index) * sizeof(ranges->list[0]));
    ranges->list[index] = range;
    ranges->count++;
}

static void remove_at(struct ranges *ranges, size_t index)
{
    ranges->count--;
    memmove(&ranges->list[index], &ranges->list[index + 1],
            (ranges->count - index) * sizeof(ranges->list[0]));
}

void ranges_add(struct ranges *ranges, uint64_t start, uint64_t end)
{
    size_t index = 0;

    if (start >= end) {
        return;
    }
    while (index < ranges->count && ranges->list[index].end < start) {
        index++;
    }
    while (index < ranges->count && ranges->list[index].start <= end) {
        start = ranges->list[index].start < start ? ranges->list[index].start : start;
        end = ranges->list[index].end > end ? ranges->list[index].end : end;
        remove_at(ranges, index);
    }
    insert_at(ranges, index, (struct range){start, end});
}

void ranges_remove(struct ranges *ranges, uint64_t start, uint64_t end)
{
    for (size_t i = 0; start < end && i < ranges->count;) {
        struct range range = ranges->list[i];

        if (range.end <= start || range.start >= end) {
            i++;
            continue;
        }
        remove_at(ranges, i);
        if (range.start < start) {
            insert_at(ranges, i++, (struct range){range.start, start});
        }
        if (range.end > end) {
            insert_at(ranges, i++, (struct range){end, range.end});
        }
    }
}

bool ranges_take(struct ranges *ranges, uint64_t from, uint64_t to, uint64_t size,
                 uint64_t alignment, uint64_t *start)
{
    for (size_t i = 0; i < ranges->count; i++) {
        uint64_t low = ranges->list[i].start > from ? ranges->list[i].start : from;
        uint64_t high = ranges->list[i].end < to ? ranges->list[i].end : to;

        low = (low + alignment - 1) & ~(alignment - 1);
        if (low < high && high - low >= size) {
            *start = low;
            ranges_remove(ranges, low, low + size);
            return true;
        }
    }
    return false;
}
