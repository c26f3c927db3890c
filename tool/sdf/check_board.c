/* SPDX-License-Identifier: BSD-2-Clause */
/* See check_board.h. */
#include "tool/sdf/check_board.h"

#include <string.h>

#define FIRST_SPI 32

static bool ranges_meet(const struct sdf_region *region, uint64_t start, uint64_t size)
{
    return region->has_phys_addr && region->phys_addr < start + size &&
           start < region->phys_addr + region->size;
}

static bool is_within(const struct sdf_region *region, uint64_t start, uint64_t size)
{
    return region->phys_addr >= start && region->phys_addr + region->size <= start + size;
}

/* ---- Interrupts ---- */

static void check_ppi(struct reader *reader, const struct sdf_irq *irq)
{
    const struct sdf_board *board = reader->options->board;

    if ((board->kernel_ppis >> irq->intid & 1) != 0) {
        sdf_error(reader->messages, &irq->pos,
                  "interrupt %u is used by the kernel itself (maintenance of the GIC, EL2 timer or "
                  "virtual timer)",
                  irq->intid);
    } else if ((board->ppis >> irq->intid & 1) == 0) {
        sdf_error(reader->messages, &irq->pos,
                  "interrupt %u is private to a core (a PPI), and nothing that a program can use "
                  "is wired to it",
                  irq->intid);
    }
}

static void check_irq(struct reader *reader, const struct sdf_irq *irq)
{
    uint32_t count = reader->options->board->intid_count;

    if (irq->intid < FIRST_SPI) {
        check_ppi(reader, irq);
    } else if (count != 0 && irq->intid >= count) {
        sdf_error(reader->messages, &irq->pos,
                  "interrupt %u is beyond the board's interrupt controller, which ends at %u",
                  irq->intid, count - 1);
    }
}

static void warn_of_trigger(struct reader *reader, const struct sdf_irq *irq)
{
    uint8_t triggers = reader->options->board->triggers[irq->intid];

    if (triggers == (irq->edge ? SDF_TRIGGER_LEVEL : SDF_TRIGGER_EDGE)) {
        sdf_warning(reader->messages, &irq->pos,
                    "interrupt %u has trigger=\"%s\" in the board's device tree", irq->intid,
                    irq->edge ? "level" : "edge");
    }
}

/* ---- What is the firmware's, and registers of the interrupt controller ---- */

static void check_reserved(struct reader *reader, const struct sdf_region *region)
{
    const struct sdf_board *board = reader->options->board;

    for (size_t i = 0; i < board->reserved_count; i++) {
        const struct sdf_range *range = &board->reserved[i];

        if (ranges_meet(region, range->start, range->size)) {
            sdf_error(reader->messages, &region->pos,
                      "memory region '%s' lies over memory that the board's device tree reserves "
                      "(0x%lx..0x%lx)",
                      region->name, (unsigned long)range->start,
                      (unsigned long)(range->start + range->size));
        }
    }
}

static void check_region(struct reader *reader, const struct sdf_region *region)
{
    const struct sdf_board *board = reader->options->board;

    check_reserved(reader, region);
    for (size_t i = 0; i < board->frame_count; i++) {
        const struct sdf_frame *frame = &board->frames[i];

        if (!ranges_meet(region, frame->start, frame->size)) {
            continue;
        }
        if (!frame->is_for_vms) {
            sdf_error(reader->messages, &region->pos,
                      "memory region '%s' has registers of the interrupt controller's %s "
                      "(0x%lx..0x%lx), which is the kernel's",
                      region->name, frame->name, (unsigned long)frame->start,
                      (unsigned long)(frame->start + frame->size));
            return;
        }
        if (!is_within(region, frame->start, frame->size)) {
            sdf_error(reader->messages, &region->pos,
                      "memory region '%s' reaches out of the interrupt controller's %s "
                      "(0x%lx..0x%lx)",
                      region->name, frame->name, (unsigned long)frame->start,
                      (unsigned long)(frame->start + frame->size));
            return;
        }
    }
}

static void check_own_map(struct reader *reader, const struct sdf_map *map)
{
    const struct sdf_board *board = reader->options->board;
    const struct sdf_region *region = &reader->sdf->regions[map->region];

    for (size_t i = 0; i < board->frame_count; i++) {
        const struct sdf_frame *frame = &board->frames[i];

        if (frame->is_for_vms && ranges_meet(region, frame->start, frame->size)) {
            sdf_error(reader->messages, &map->pos,
                      "memory region '%s' has registers of the interrupt controller's %s "
                      "(0x%lx..0x%lx), which only a virtual machine may have",
                      region->name, frame->name, (unsigned long)frame->start,
                      (unsigned long)(frame->start + frame->size));
        }
    }
}

/* ---- What is there, and what the caches make of it ---- */

static bool is_ram(const struct sdf_board *board, const struct sdf_region *region)
{
    if (!region->has_phys_addr) {
        return true;
    }
    for (size_t i = 0; i < board->ram_count; i++) {
        if (ranges_meet(region, board->ram[i].start, board->ram[i].size)) {
            return true;
        }
    }
    return false;
}

static void warn_of_void(struct reader *reader, const struct sdf_region *region)
{
    const struct sdf_board *board = reader->options->board;

    if (board->device_count == 0 || is_ram(board, region) ||
        (board->is_gicv3 && strcmp(region->name, SDF_GICV) == 0)) {
        return;
    }
    for (size_t i = 0; i < board->device_count; i++) {
        if (ranges_meet(region, board->devices[i].start, board->devices[i].size)) {
            return;
        }
    }
    sdf_warning(reader->messages, &region->pos,
                "the board's device tree has nothing at 0x%lx..0x%lx, where memory region '%s' is",
                (unsigned long)region->phys_addr, (unsigned long)(region->phys_addr + region->size),
                region->name);
}

static const struct sdf_map *find_map(const struct sdf_map *maps, size_t count, size_t region,
                                      bool cached)
{
    for (size_t i = 0; i < count; i++) {
        if (maps[i].region == region && maps[i].cached == cached) {
            return &maps[i];
        }
    }
    return NULL;
}

/* The first map of a region that is cached, or that is not, and whose it is. */
static const struct sdf_map *find_any_map(const struct sdf *sdf, size_t region, bool cached,
                                          const char **owner)
{
    const struct sdf_map *map = NULL;

    for (size_t i = 0; map == NULL && i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        map = find_map(pd->maps, pd->map_count, region, cached);
        *owner = pd->name;
        if (map == NULL && pd->vm != NULL) {
            map = find_map(pd->vm->maps, pd->vm->map_count, region, cached);
            *owner = pd->vm->name;
        }
    }
    return map;
}

/* Memory of two kinds at once: the architecture promises no coherency (DDI 0487, B2.10). */
static void warn_of_mixture(struct reader *reader, size_t index)
{
    const struct sdf_region *region = &reader->sdf->regions[index];
    const char *owner;
    const char *other;
    const struct sdf_map *cached = find_any_map(reader->sdf, index, true, &other);
    const struct sdf_map *uncached = find_any_map(reader->sdf, index, false, &owner);

    if (cached != NULL && uncached != NULL && is_ram(reader->options->board, region)) {
        sdf_warning(reader->messages, &uncached->pos,
                    "memory region '%s' is not cached here, but is in '%s': one may not see what "
                    "the other writes",
                    region->name, other);
    }
}

static void warn_of_cached_registers(struct reader *reader, const struct sdf_map *maps,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sdf_region *region = &reader->sdf->regions[maps[i].region];

        if (maps[i].cached && !is_ram(reader->options->board, region)) {
            sdf_warning(reader->messages, &maps[i].pos,
                        "registers at 0x%lx are mapped as cached memory: add cached=\"false\"",
                        (unsigned long)region->phys_addr);
        }
    }
}

void check_board(struct reader *reader)
{
    const struct sdf *sdf = reader->sdf;

    if (reader->options->board == NULL) {
        return;
    }
    for (size_t i = 0; i < sdf->region_count; i++) {
        check_region(reader, &sdf->regions[i]);
    }
    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        for (size_t j = 0; j < pd->irq_count; j++) {
            check_irq(reader, &pd->irqs[j]);
        }
        for (size_t j = 0; j < pd->map_count; j++) {
            check_own_map(reader, &pd->maps[j]);
        }
    }
}

void warn_of_board(struct reader *reader)
{
    const struct sdf *sdf = reader->sdf;

    for (size_t i = 0; reader->options->board != NULL && i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        for (size_t j = 0; j < pd->irq_count; j++) {
            warn_of_trigger(reader, &pd->irqs[j]);
        }
        warn_of_cached_registers(reader, pd->maps, pd->map_count);
        if (pd->vm != NULL) {
            warn_of_cached_registers(reader, pd->vm->maps, pd->vm->map_count);
        }
    }
    for (size_t i = 0; reader->options->board != NULL && i < sdf->region_count; i++) {
        warn_of_void(reader, &sdf->regions[i]);
        warn_of_mixture(reader, i);
    }
}
