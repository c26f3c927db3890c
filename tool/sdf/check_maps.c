/* SPDX-License-Identifier: BSD-2-Clause */
/* See check_maps.h. */
#include "tool/sdf/check_maps.h"

#include <stdlib.h>
#include <string.h>

#define SMALL_PAGE    0x1000UL
#define LARGE_PAGE    0x200000UL
#define STACK_TOP     0xffffffe000UL
#define ADDRESS_LIMIT (1UL << 40)

struct mapped {
    const struct sdf_map *maps;
    size_t count;
    uint64_t end; /* maps end here at the latest */
    const char *what_is_there;
};

static bool is_large_aligned(uint64_t value)
{
    return value % LARGE_PAGE == 0;
}

static bool maps_allow_large(const struct sdf_map *maps, size_t count, size_t region)
{
    for (size_t i = 0; i < count; i++) {
        if (maps[i].region == region && !is_large_aligned(maps[i].vaddr)) {
            return false;
        }
    }
    return true;
}

/* The largest page that divides the size and to which every address is aligned. */
static void choose_page_size(struct sdf *sdf, size_t index)
{
    struct sdf_region *region = &sdf->regions[index];
    bool large = is_large_aligned(region->size) &&
                 (!region->has_phys_addr || is_large_aligned(region->phys_addr));

    for (size_t i = 0; large && i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        large = maps_allow_large(pd->maps, pd->map_count, index) &&
                (pd->vm == NULL || maps_allow_large(pd->vm->maps, pd->vm->map_count, index));
    }
    region->page_size = large ? LARGE_PAGE : SMALL_PAGE;
}

static bool check_map(struct reader *reader, const struct mapped *space, const struct sdf_map *map)
{
    const struct sdf_region *region = &reader->sdf->regions[map->region];

    if (map->vaddr % region->page_size != 0) {
        sdf_error(reader->messages, &map->pos, "vaddr is not aligned to the page size 0x%lx",
                  (unsigned long)region->page_size);
        return false;
    }
    if (map->vaddr >= space->end || region->size > space->end - map->vaddr) {
        sdf_error(reader->messages, &map->pos, "map reaches past 0x%lx, %s",
                  (unsigned long)space->end, space->what_is_there);
        return false;
    }
    return true;
}

static void check_space(struct reader *reader, const struct mapped *space)
{
    const struct sdf_region *regions = reader->sdf->regions;

    for (size_t i = 0; i < space->count; i++) {
        const struct sdf_map *map = &space->maps[i];

        if (!check_map(reader, space, map)) {
            continue;
        }
        for (size_t j = 0; j < i; j++) {
            const struct sdf_map *other = &space->maps[j];

            if (map->vaddr < other->vaddr + regions[other->region].size &&
                other->vaddr < map->vaddr + regions[map->region].size) {
                sdf_error(reader->messages, &map->pos, "map overlaps that of '%s'",
                          regions[other->region].name);
            }
        }
    }
}

static void warn_of_guard_page(struct reader *reader, const struct sdf_pd *pd)
{
    for (size_t i = 0; i < pd->map_count; i++) {
        const struct sdf_region *region = &reader->sdf->regions[pd->maps[i].region];

        if (pd->maps[i].vaddr + region->size == STACK_TOP - pd->stack_size) {
            sdf_warning(reader->messages, &pd->maps[i].pos,
                        "map ends at the stack's bottom: no guard page");
        }
    }
}

void check_maps(struct reader *reader)
{
    struct sdf *sdf = reader->sdf;

    for (size_t i = 0; i < sdf->region_count; i++) {
        if (sdf->regions[i].page_size == 0) {
            choose_page_size(sdf, i);
        }
    }
    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];
        struct mapped own = {pd->maps, pd->map_count, STACK_TOP - pd->stack_size,
                             "the stack's bottom"};

        check_space(reader, &own);
        warn_of_guard_page(reader, pd);
        if (pd->vm != NULL) {
            struct mapped guest = {pd->vm->maps, pd->vm->map_count, ADDRESS_LIMIT,
                                   "the end of the address space"};

            check_space(reader, &guest);
        }
    }
}

struct symbol {
    const char *name;
    const struct sdf_pos *pos;
    size_t index; /* in the order of collect_symbols() */
};

struct symbols {
    struct symbol *list;
    size_t count;
};

static void add_symbol(struct symbols *symbols, const char *name, const struct sdf_pos *pos)
{
    if (name != NULL) {
        symbols->list[symbols->count] = (struct symbol){name, pos, symbols->count};
        symbols->count++;
    }
}

static size_t symbol_limit(const struct sdf *sdf, const struct sdf_pd *pd)
{
    return 3 * pd->map_count + pd->irq_count + pd->setvar_count + 2 * sdf->channel_count +
           sdf->pd_count + (pd->vm != NULL ? pd->vm->vcpu_count : 0) + 1;
}

static void collect_symbols(const struct sdf *sdf, size_t index, struct symbols *symbols)
{
    const struct sdf_pd *pd = &sdf->pds[index];

    for (size_t i = 0; i < pd->map_count; i++) {
        add_symbol(symbols, pd->maps[i].setvar_vaddr, &pd->maps[i].pos);
        add_symbol(symbols, pd->maps[i].setvar_size, &pd->maps[i].pos);
        add_symbol(symbols, pd->maps[i].setvar_prefill_size, &pd->maps[i].pos);
    }
    for (size_t i = 0; i < pd->irq_count; i++) {
        add_symbol(symbols, pd->irqs[i].setvar_id, &pd->irqs[i].pos);
    }
    for (size_t i = 0; i < pd->setvar_count; i++) {
        add_symbol(symbols, pd->setvars[i].symbol, &pd->setvars[i].pos);
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        for (unsigned int end = 0; end < 2; end++) {
            if (sdf->channels[i].ends[end].pd == index) {
                add_symbol(symbols, sdf->channels[i].ends[end].setvar_id,
                           &sdf->channels[i].ends[end].pos);
            }
        }
    }
    for (size_t i = 0; i < sdf->pd_count; i++) {
        if (sdf->pds[i].parent == index) {
            add_symbol(symbols, sdf->pds[i].setvar_id, &sdf->pds[i].pos);
        }
    }
    for (size_t i = 0; pd->vm != NULL && i < pd->vm->vcpu_count; i++) {
        add_symbol(symbols, pd->vm->vcpus[i].setvar_id, &pd->vm->vcpus[i].pos);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct symbol *first = a;
    const struct symbol *second = b;
    int order = strcmp(first->name, second->name);

    return order != 0 ? order : (first->index > second->index) - (first->index < second->index);
}

void check_setvars(struct reader *reader, size_t pd)
{
    size_t limit = symbol_limit(reader->sdf, &reader->sdf->pds[pd]);
    struct symbols symbols = {.list = arena_array(reader->arena, limit, sizeof(struct symbol))};

    collect_symbols(reader->sdf, pd, &symbols);
    qsort(symbols.list, symbols.count, sizeof(symbols.list[0]), by_name);
    for (size_t i = 1; i < symbols.count; i++) {
        if (strcmp(symbols.list[i].name, symbols.list[i - 1].name) == 0) {
            sdf_error(reader->messages, symbols.list[i].pos, "symbol '%s' is set twice",
                      symbols.list[i].name);
        }
    }
}
