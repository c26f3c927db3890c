/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where everything lies. loader.img: the kernel at the load address, the header with its tables,
 * then programs and prefilled regions where they run. Behind it, not stored: page tables and
 * everything that starts zeroed, lowest address first, so that the machine needs little RAM.
 */
#include <stdio.h>
#include <string.h>

#include "tool/microkit/build.h"

/* A prefilled region that is larger than its contents by more is copied at boot, not stored. */
#define STORED_TAIL_MAX (1UL << 20)
#define TABLE_ALIGNMENT 0x2000UL

static uint64_t max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

bool layout_is_ram(const struct build *build, uint64_t paddr)
{
    return paddr >= build->board->ram_start && paddr < build->board->ram_end;
}

static uint64_t append(struct build *build, uint64_t size, uint64_t alignment)
{
    uint64_t start = (build->image_end + alignment - 1) & ~(alignment - 1);

    build->image_end = page_up(start + size);
    return start;
}

static void place_kernel(struct build *build)
{
    build->image_end = build->base;
    for (unsigned int i = 0; i < build->kernel.segment_count; i++) {
        const struct segment *segment = &build->kernel.segments[i];

        build->image_end = max(build->image_end, page_up(segment->paddr + segment->memory_size));
    }
    build->header = append(build, tables_header_size(build), PAGE_SIZE);
}

static void place_stored_segments(struct build *build, size_t index)
{
    const struct program *program = &build->programs[index];

    for (unsigned int i = 0; i < program->segment_count; i++) {
        const struct segment *segment = &program->segments[i];
        struct segment_place *place = &build->pds[index].segments[i];
        uint64_t offset = segment->vaddr % PAGE_SIZE;
        uint64_t pages = page_up(offset + segment->memory_size);

        place->stored_size = segment->stored_size == 0 ? 0 : page_up(offset + segment->stored_size);
        place->tail_size = pages - place->stored_size;
        if (place->stored_size != 0) {
            place->stored = append(build, place->stored_size, PAGE_SIZE);
        }
    }
}

static void place_stored_region(struct build *build, size_t index)
{
    const struct sdf_region *region = &build->sdf->regions[index];
    struct region_place *place = &build->regions[index];

    if (region->prefill_file == NULL) {
        return;
    }
    if (region->has_phys_addr || region->size - region->prefill_size > STORED_TAIL_MAX) {
        place->stored = append(build, region->prefill_size, PAGE_SIZE);
    } else {
        place->stored = append(build, region->size, region->page_size);
        place->paddr = place->stored;
    }
}

static bool ranges_meet(uint64_t start, uint64_t end, uint64_t other, uint64_t other_end)
{
    return start < other_end && other < end;
}

/* What is still free for regions with a phys_addr, as text. */
static const char *free_text(const struct build *build)
{
    const char *text = "";

    for (size_t i = 0; i < build->free.count; i++) {
        text = arena_printf(build->arena, "%s%s0x%lx..0x%lx", text, i == 0 ? "" : ", ",
                            (unsigned long)build->free.list[i].start,
                            (unsigned long)build->free.list[i].end);
    }
    return text;
}

static void place_fixed_region(struct build *build, size_t index)
{
    const struct sdf_region *region = &build->sdf->regions[index];
    const struct board *board = build->board;
    uint64_t start = region->phys_addr;
    uint64_t end = start + region->size;

    if (!region->has_phys_addr) {
        return;
    }
    build->regions[index].paddr = start;
    if (!ranges_meet(start, end, board->ram_start, board->ram_end)) {
        if (region->prefill_file != NULL) {
            sdf_error(build->messages, &region->pos,
                      "memory region '%s' is not in RAM, and so cannot have contents",
                      region->name);
        }
        return;
    }
    if (start < board->ram_start || end > board->ram_end) {
        sdf_error(build->messages, &region->pos,
                  "memory region '%s' reaches out of RAM, which is 0x%lx..0x%lx", region->name,
                  (unsigned long)board->ram_start, (unsigned long)board->ram_end);
        return;
    }
    if (ranges_meet(start, end, build->base, build->image_end)) {
        sdf_error(build->messages, &region->pos,
                  "memory region '%s' lies over the image, which is 0x%lx..0x%lx; free are %s",
                  region->name, (unsigned long)build->base, (unsigned long)build->image_end,
                  free_text(build));
        return;
    }
    ranges_remove(&build->free, start, end);
    build->ram_end = max(build->ram_end, end);
}

static uint64_t allocate(struct build *build, uint64_t size, uint64_t alignment,
                         const struct sdf_pos *pos, const char *what)
{
    const struct board *board = build->board;
    uint64_t start = 0;

    if (size == 0) {
        return 0;
    }
    if (!ranges_take(&build->free, build->image_end, board->ram_end, size, alignment, &start) &&
        !ranges_take(&build->free, board->reserve_end, build->base, size, alignment, &start)) {
        sdf_error(build->messages, pos, "no room in RAM for %s (0x%lx bytes)", what,
                  (unsigned long)size);
        return 0;
    }
    build->ram_end = max(build->ram_end, start + size);
    return start;
}

uint64_t layout_take(struct build *build, uint64_t size, uint64_t alignment,
                     const struct sdf_pos *pos, const char *what)
{
    uint64_t start = allocate(build, size, alignment, pos, what);

    ranges_add(&build->zero, start, start + size);
    return start;
}

static void place_pd_memory(struct build *build, size_t index)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];
    struct pd_place *place = &build->pds[index];

    for (unsigned int i = 0; i < build->programs[index].segment_count; i++) {
        place->segments[i].tail = layout_take(build, place->segments[i].tail_size, PAGE_SIZE,
                                              &pd->pos, "its program's .bss");
    }
    place->stack = layout_take(build, pd->stack_size, PAGE_SIZE, &pd->pos, "its stack");
    place->ipc_buffer = layout_take(build, PAGE_SIZE, PAGE_SIZE, &pd->pos, "its IPC buffer");
}

static void place_region(struct build *build, size_t index)
{
    const struct sdf_region *region = &build->sdf->regions[index];
    struct region_place *place = &build->regions[index];

    if (place->paddr == 0 && !region->has_phys_addr) {
        place->paddr = allocate(build, region->size, region->page_size, &region->pos,
                                arena_printf(build->arena, "memory region '%s'", region->name));
    }
    if (!layout_is_ram(build, place->paddr) || place->stored == place->paddr) {
        return;
    }
    /* What is not copied into it starts zeroed, from the next cache line on. */
    ranges_add(&build->zero,
               place->paddr + (place->stored == 0 ? 0 : region->prefill_size / 64 * 64),
               place->paddr + region->size);
}

void layout_image(struct build *build)
{
    const struct sdf *sdf = build->sdf;

    build->pds = arena_array(build->arena, sdf->pd_count, sizeof(*build->pds));
    build->regions = arena_array(build->arena, sdf->region_count + 1, sizeof(*build->regions));
    place_kernel(build);
    for (size_t i = 0; i < sdf->pd_count; i++) {
        place_stored_segments(build, i);
    }
    for (size_t i = 0; i < sdf->region_count; i++) {
        place_stored_region(build, i);
    }
}

/* The firmware's memory is nobody's. */
static void leave_reserved(struct build *build, const struct sdf_pos *whole)
{
    const struct sdf_board *bounds = &build->board->bounds;

    for (size_t i = 0; i < bounds->reserved_count; i++) {
        const struct sdf_range *range = &bounds->reserved[i];

        if (ranges_meet(build->base, build->image_end, range->start, range->start + range->size)) {
            sdf_error(build->messages, whole,
                      "the image, 0x%lx..0x%lx, lies over memory that the board's device tree "
                      "reserves (0x%lx..0x%lx)",
                      (unsigned long)build->base, (unsigned long)build->image_end,
                      (unsigned long)range->start, (unsigned long)(range->start + range->size));
        }
        ranges_remove(&build->free, range->start, range->start + range->size);
    }
}

void layout_place(struct build *build)
{
    const struct sdf *sdf = build->sdf;
    static const struct sdf_pos whole = {.row = 1, .col = 1, .tag = "system"};

    build->free.arena = build->arena;
    build->zero.arena = build->arena;
    if (build->image_end > build->board->ram_end) {
        sdf_error(build->messages, &whole, "the image does not fit in RAM");
        return;
    }
    build->ram_end = build->image_end;
    ranges_add(&build->free, build->board->ram_start, build->board->ram_end);
    ranges_remove(&build->free, build->base, build->image_end);
    leave_reserved(build, &whole);
    for (size_t i = 0; i < sdf->region_count; i++) {
        place_fixed_region(build, i);
    }
    for (size_t i = 0; i < sdf->pd_count; i++) {
        place_pd_memory(build, i);
    }
    for (size_t i = 0; i < sdf->region_count; i++) {
        place_region(build, i);
    }
    senders_place(build);
    build->tables_size = tables_pool_size(build);
    build->tables = allocate(build, build->tables_size, TABLE_ALIGNMENT, &whole, "page tables");
}
