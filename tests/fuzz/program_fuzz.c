/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the reader of programs: headers, segments, the symbols that the tool fills
 * in and those of fault reports. Input: an ELF file. Links with tool/microkit's program.c,
 * symbols.c, file.c and libelf. Seeds: tests/fuzz/corpus/program.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/limits.h"
#include "tool/microkit/program.h"
#include "tool/microkit/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the layout relies on: segments in order, none over another, none past the address space. */
static void check_segments(const struct program *program)
{
    uint64_t end = 0;

    for (unsigned int i = 0; i < program->segment_count; i++) {
        const struct segment *segment = &program->segments[i];

        if (segment->vaddr < end || segment->stored_size > segment->memory_size ||
            segment->vaddr + segment->memory_size < segment->vaddr) {
            abort();
        }
        end = segment->vaddr + segment->memory_size;
    }
}

static void check_symbols(struct arena *arena, struct program *program)
{
    struct symbols symbols = {0};
    uint8_t *at;

    symbols_read(arena, program, &symbols);
    for (size_t i = 0; i < symbols.count; i++) {
        if (symbols.list[i].name >= symbols.names_size ||
            (i > 0 && symbols.list[i].address <= symbols.list[i - 1].address)) {
            abort();
        }
    }
    if (program_symbol(program, "microkit_name", ABI_NAME_LENGTH, &at) == SYMBOL_OK) {
        for (unsigned int i = 0; i < ABI_NAME_LENGTH; i++) {
            at[i] = 'x'; /* the sanitizer says if this is outside */
        }
        program_touch(program, at, ABI_NAME_LENGTH);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct program program = {0};
    struct arena arena = {0};
    int file = memfd_create("fuzz.elf", MFD_CLOEXEC);
    char path[32];
    char why[128];

    if (file < 0 || write(file, data, size) != (ssize_t)size) {
        abort();
    }
    (void)snprintf(path, sizeof(path), "/dev/fd/%d", file);
    if (program_load(&arena, path, &program, why, sizeof(why))) {
        check_segments(&program);
        check_symbols(&arena, &program);
    }
    arena_free(&arena);
    (void)close(file);
    return 0;
}
