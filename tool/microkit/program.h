/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Program images: ELF64 little-endian AArch64, read with libelf, checked before anything in them
 * is believed. Segments become byte arrays in which symbols can be patched.
 */
#ifndef SLUICE_TOOL_MICROKIT_PROGRAM_H
#define SLUICE_TOOL_MICROKIT_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "tool/microkit/file.h"
#include "tool/sdf/arena.h"

#define PROGRAM_MAX_SEGMENTS 16

struct segment {
    uint64_t vaddr;
    uint64_t paddr;       /* p_paddr of the file: the kernel's place */
    uint64_t offset;      /* in the file */
    uint64_t memory_size; /* bytes, .bss included */
    uint64_t stored_size; /* bytes that have contents */
    uint8_t *bytes;       /* memory_size of them, the tail zero */
    uint32_t flags;       /* PF_R | PF_W | PF_X */
};

struct program {
    const char *path;
    uint64_t entry;
    unsigned int segment_count;
    struct segment segments[PROGRAM_MAX_SEGMENTS]; /* by vaddr */
    struct file symbols;                           /* the file whose symbol table counts */
};

/* False after writing why into `why` (for a positioned message). */
bool program_load(struct arena *arena, const char *path, struct program *program, char *why,
                  size_t why_size);

enum symbol_result {
    SYMBOL_OK,
    SYMBOL_MISSING,
    SYMBOL_AMBIGUOUS, /* two of that name */
    SYMBOL_WRONG_SIZE,
    SYMBOL_OUTSIDE, /* not in a loaded segment */
};

/* Where `size` bytes of the symbol are; `*at` points into a segment's bytes. */
enum symbol_result program_symbol(struct program *program, const char *name, uint64_t size,
                                  uint8_t **at);
/* Bytes [at, at + size) of a segment now have contents that must be stored. */
void program_touch(struct program *program, const uint8_t *at, uint64_t size);

#endif
