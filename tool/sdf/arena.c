/* SPDX-License-Identifier: BSD-2-Clause */
/* An arena as a list of malloc'd blocks: the tool is short-lived and its trees are small. */
#include "tool/sdf/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_block {
    struct arena_block *next;
    max_align_t data[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block = NULL;

    if (size <= SIZE_MAX - sizeof(*block)) {
        block = calloc(1, sizeof(*block) + size);
    }
    if (block == NULL) {
        fprintf(stderr, "Error: out of memory\n");
        exit(1);
    }
    block->next = arena->blocks;
    arena->blocks = block;
    return block->data;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        bytes = SIZE_MAX; /* which arena_alloc() refuses */
    }
    return arena_alloc(arena, bytes);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);

    size_t size = length < 0 ? 1 : (size_t)length + 1;
    char *text = arena_alloc(arena, size);

    va_start(arguments, format);
    vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return text;
}

void arena_free(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}
