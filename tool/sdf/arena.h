/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that lives as long as one run of a tool: many small allocations, one release. Nothing
 * here returns NULL; when memory is out the program ends with a message.
 */
#ifndef SLUICE_TOOL_SDF_ARENA_H
#define SLUICE_TOOL_SDF_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* start with an arena that is all zero */
};

/* Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *arena);

#endif
