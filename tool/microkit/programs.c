/* SPDX-License-Identifier: BSD-2-Clause */
/* Program images: loading them, and setting the symbols that the description or Microkit names. */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "tool/microkit/build.h"

static void set(struct build *build, size_t pd, const struct sdf_pos *pos, const char *symbol,
                const void *value, uint64_t size)
{
    struct program *program = &build->programs[pd];
    uint8_t *at;

    switch (program_symbol(program, symbol, size, &at)) {
    case SYMBOL_OK:
        memcpy(at, value, size);
        program_touch(program, at, size);
        break;
    case SYMBOL_MISSING:
        sdf_error(build->messages, pos, "'%s' has no symbol '%s'", program->path, symbol);
        break;
    case SYMBOL_AMBIGUOUS:
        sdf_error(build->messages, pos, "'%s' has more than one symbol '%s'", program->path,
                  symbol);
        break;
    case SYMBOL_WRONG_SIZE:
        sdf_error(build->messages, pos, "symbol '%s' of '%s' is not %lu bytes", symbol,
                  program->path, (unsigned long)size);
        break;
    case SYMBOL_OUTSIDE:
        sdf_error(build->messages, pos, "symbol '%s' of '%s' is in no segment", symbol,
                  program->path);
        break;
    }
}

static void set_u64(struct build *build, size_t pd, const struct sdf_pos *pos, const char *symbol,
                    uint64_t value)
{
    if (symbol != NULL) {
        set(build, pd, pos, symbol, &value, sizeof(value));
    }
}

/* A symbol of libmicrokit; programs that do not use it need not have it. */
static void set_internal(struct build *build, size_t pd, const char *symbol, const void *value,
                         uint64_t size)
{
    uint8_t *at;

    if (program_symbol(&build->programs[pd], symbol, size, &at) != SYMBOL_MISSING) {
        set(build, pd, &build->sdf->pds[pd].image_pos, symbol, value, size);
    }
}

static void set_library(struct build *build, size_t index)
{
    const struct sdf *sdf = build->sdf;
    const struct sdf_pd *pd = &sdf->pds[index];
    char name[ABI_NAME_LENGTH] = {0};
    uint8_t passive = pd->passive;
    uint64_t irqs = 0;
    uint64_t notifications = 0;
    uint64_t pps = 0;
    uint64_t ioports = 0;

    for (size_t i = 0; i < pd->irq_count; i++) {
        irqs |= 1UL << pd->irqs[i].id;
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        for (unsigned int end = 0; end < 2; end++) {
            const struct sdf_end *own = &sdf->channels[i].ends[end];

            if (own->pd == index) {
                notifications |= own->notify ? 1UL << own->id : 0;
                pps |= own->pp ? 1UL << own->id : 0;
            }
        }
    }
    (void)snprintf(name, sizeof(name), "%s", pd->name);
    set_internal(build, index, "microkit_name", name, sizeof(name));
    set_internal(build, index, "microkit_passive", &passive, sizeof(passive));
    set_internal(build, index, "microkit_irqs", &irqs, sizeof(irqs));
    set_internal(build, index, "microkit_notifications", &notifications, sizeof(notifications));
    set_internal(build, index, "microkit_pps", &pps, sizeof(pps));
    set_internal(build, index, "microkit_ioports", &ioports, sizeof(ioports));
}

static void set_ids(struct build *build, size_t index)
{
    const struct sdf *sdf = build->sdf;
    const struct sdf_pd *pd = &sdf->pds[index];

    for (size_t i = 0; i < pd->irq_count; i++) {
        set_u64(build, index, &pd->irqs[i].pos, pd->irqs[i].setvar_id, pd->irqs[i].id);
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        for (unsigned int end = 0; end < 2; end++) {
            const struct sdf_end *own = &sdf->channels[i].ends[end];

            if (own->pd == index) {
                set_u64(build, index, &own->pos, own->setvar_id, own->id);
            }
        }
    }
    for (size_t i = 0; i < sdf->pd_count; i++) {
        if (sdf->pds[i].parent == index) {
            set_u64(build, index, &sdf->pds[i].pos, sdf->pds[i].setvar_id, sdf->pds[i].id);
        }
    }
    for (size_t i = 0; pd->vm != NULL && i < pd->vm->vcpu_count; i++) {
        set_u64(build, index, &pd->vm->vcpus[i].pos, pd->vm->vcpus[i].setvar_id,
                pd->vm->vcpus[i].id);
    }
}

static void set_maps(struct build *build, size_t index)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];

    for (size_t i = 0; i < pd->map_count; i++) {
        const struct sdf_map *map = &pd->maps[i];
        const struct sdf_region *region = &build->sdf->regions[map->region];

        set_u64(build, index, &map->pos, map->setvar_vaddr, map->vaddr);
        set_u64(build, index, &map->pos, map->setvar_size, region->size);
        set_u64(build, index, &map->pos, map->setvar_prefill_size, region->prefill_size);
    }
}

static bool segment_meets_map(const struct build *build, const struct sdf_pd *pd,
                              const struct segment *segment, const char **what)
{
    uint64_t start = segment->vaddr & ~(PAGE_SIZE - 1);
    uint64_t end = page_up(segment->vaddr + segment->memory_size);

    for (size_t i = 0; i < pd->map_count; i++) {
        const struct sdf_region *region = &build->sdf->regions[pd->maps[i].region];

        if (pd->maps[i].vaddr < end && start < pd->maps[i].vaddr + region->size) {
            *what = region->name;
            return true;
        }
    }
    *what = "the stack";
    return end > ABI_PD_STACK_TOP - pd->stack_size;
}

static void check_segments(struct build *build, size_t index)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];
    const struct program *program = &build->programs[index];
    const char *what;

    for (unsigned int i = 0; i < program->segment_count; i++) {
        const struct segment *segment = &program->segments[i];

        if (segment_meets_map(build, pd, segment, &what)) {
            sdf_error(build->messages, &pd->image_pos, "the segment of '%s' at 0x%lx overlaps '%s'",
                      program->path, (unsigned long)segment->vaddr, what);
        }
        if (i > 0 && page_up(segment[-1].vaddr + segment[-1].memory_size) >
                         (segment->vaddr & ~(PAGE_SIZE - 1))) {
            sdf_error(build->messages, &pd->image_pos,
                      "two segments of '%s' share a page: link with microkit.ld, "
                      "-Wl,--build-id=none and -Wl,-z,max-page-size=4096",
                      program->path);
        }
        if (segment->offset % PAGE_SIZE != segment->vaddr % PAGE_SIZE) {
            sdf_warning(build->messages, &pd->image_pos,
                        "the segment of '%s' at 0x%lx begins elsewhere in a page of the file, "
                        "which seL4's tool does not take: link with -Wl,-z,max-page-size=4096, and "
                        "without -n",
                        program->path, (unsigned long)segment->vaddr);
        }
    }
}

static bool load_symbols(struct build *build, const struct sdf_pd *pd, struct program *program)
{
    struct program other = {0};
    char why[128];
    const char *path;

    if (pd->image_path_for_symbols == NULL) {
        return true;
    }
    path = sdf_find_file(build->sdf, build->sdf_options, pd->image_path_for_symbols);
    if (path == NULL) {
        sdf_error(build->messages, &pd->image_pos, "cannot find '%s' on the search paths",
                  pd->image_path_for_symbols);
        return false;
    }
    if (!program_load(build->arena, path, &other, why, sizeof(why))) {
        sdf_error(build->messages, &pd->image_pos, "'%s': %s", path, why);
        return false;
    }
    program->symbols = other.symbols;
    return true;
}

static bool load_program(struct build *build, size_t index)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];
    struct program *program = &build->programs[index];
    char why[128];
    const char *path = sdf_find_file(build->sdf, build->sdf_options, pd->image_path);

    if (path == NULL) {
        sdf_error(build->messages, &pd->image_pos, "cannot find '%s' on the search paths",
                  pd->image_path);
        return false;
    }
    if (!program_load(build->arena, path, program, why, sizeof(why))) {
        sdf_error(build->messages, &pd->image_pos, "'%s': %s", path, why);
        return false;
    }
    return load_symbols(build, pd, program);
}

/* PDs of one program share its symbols. */
static void place_symbols(struct build *build, size_t index)
{
    struct pd_symbols *own = &build->symbols[index];

    for (size_t i = 0; i < index; i++) {
        if (symbols_are_equal(&own->symbols, &build->symbols[i].symbols)) {
            *own = build->symbols[i];
            own->is_shared = true;
            return;
        }
    }
    own->first = build->symbol_count;
    own->first_name = build->names_size;
    build->symbol_count += own->symbols.count;
    build->names_size += own->symbols.names_size;
}

/* The kernel reports faults of PDs without a parent, if there is a console to report them on. */
static void read_symbols(struct build *build)
{
    build->symbols = arena_array(build->arena, build->sdf->pd_count, sizeof(*build->symbols));
    for (size_t i = 0; build->board->has_debug_console && i < build->sdf->pd_count; i++) {
        const struct sdf_pd *pd = &build->sdf->pds[i];
        struct symbols *symbols = &build->symbols[i].symbols;

        if (pd->parent != SDF_NONE) {
            continue;
        }
        symbols_read(build->arena, &build->programs[i], symbols);
        if (symbols->left_out != 0) {
            sdf_warning(build->messages, &pd->image_pos,
                        "'%s' has more than %d KiB of symbols: fault reports lack the last %zu",
                        build->programs[i].path, SYMBOLS_MAX_BYTES / 1024, symbols->left_out);
        }
        place_symbols(build, i);
    }
}

void programs_load(struct build *build)
{
    build->programs = arena_array(build->arena, build->sdf->pd_count, sizeof(*build->programs));
    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        if (load_program(build, i)) {
            check_segments(build, i);
            set_library(build, i);
            set_ids(build, i);
            set_maps(build, i);
            for (size_t j = 0; j < build->sdf->pds[i].setvar_count; j++) {
                const struct sdf_setvar *setvar = &build->sdf->pds[i].setvars[j];

                set_u64(build, i, &setvar->pos, setvar->symbol, 0);
            }
        }
    }
    if (build->messages->error_count == 0) {
        read_symbols(build);
    }
}

void programs_patch(struct build *build)
{
    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        for (size_t j = 0; j < build->sdf->pds[i].setvar_count; j++) {
            const struct sdf_setvar *setvar = &build->sdf->pds[i].setvars[j];

            set_u64(build, i, &setvar->pos, setvar->symbol, build->regions[setvar->region].paddr);
        }
    }
}
