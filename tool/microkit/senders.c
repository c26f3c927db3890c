/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of PCI functions on a board with an ITS. Who has a function's configuration page, or a
 * virtual machine of whose has it, gets its messages: message n is interrupt n of the description,
 * LPI ABI_FIRST_LPI + n for the kernel. The ITS knows of no others.
 */
#include <stdlib.h>

#include "tool/microkit/build.h"

#define FUNCTION_SHIFT 12 /* of an ECAM */
#define BUS_FUNCTIONS  256U
#define LINK_FUNCTIONS 8U /* of the one device at the end of a link */
#define TABLE_ALIGN    0x100UL
#define COMMANDS_SIZE  0x1000UL
#define LPI_COUNT      ((1UL << IMAGE_INTID_BITS) - ABI_FIRST_LPI)
#define PENDING_SIZE   (IMAGE_ITS_ALIGN * build->board->machine.cpu_count)

static bool has_messages(const struct build *build, const struct sdf_pd *pd)
{
    for (size_t i = 0; i < pd->irq_count; i++) {
        if (board_is_message(build->board, &pd->irqs[i])) {
            return true;
        }
    }
    return false;
}

/* By which id the ITS knows a function; false: its messages do not go there. */
static bool find_id(const struct board_ecam *ecam, uint32_t function, uint32_t *id)
{
    function &= ecam->mask;
    for (unsigned int i = 0; i < ecam->map_count; i++) {
        const struct board_map *map = &ecam->maps[i];

        if (function >= map->first && function - map->first < map->count) {
            *id = map->id + (function - map->first);
            return true;
        }
    }
    return false;
}

static void add(struct build *build, size_t pd, const struct sdf_map *map, uint32_t id)
{
    for (size_t i = 0; i < build->sender_count; i++) {
        const struct sender *sender = &build->senders[i];

        if (sender->id != id) {
            continue;
        }
        if (sender->pd != pd) {
            sdf_error(build->messages, &map->pos,
                      "memory region '%s' has the configuration of a PCI function that '%s' has, "
                      "too: whose its messages are cannot be told",
                      build->sdf->regions[map->region].name, build->sdf->pds[sender->pd].name);
        }
        return;
    }
    build->senders[build->sender_count++] = (struct sender){.id = id, .pd = (uint16_t)pd};
}

/* Of a bus that a region has whole nobody says what is on it: on the first anything may be, on one
 * that is a link's other end the functions of one device. */
static bool may_be_there(const struct board_ecam *ecam, const struct sdf_region *region,
                         uint32_t function)
{
    uint64_t bus =
        ecam->start + ((uint64_t)(function / BUS_FUNCTIONS) * BUS_FUNCTIONS << FUNCTION_SHIFT);
    uint64_t size = (uint64_t)BUS_FUNCTIONS << FUNCTION_SHIFT;
    bool is_whole = region->phys_addr <= bus && region->size >= size &&
                    bus - region->phys_addr <= region->size - size;

    return !is_whole || function < BUS_FUNCTIONS || function % BUS_FUNCTIONS < LINK_FUNCTIONS;
}

static void add_functions(struct build *build, size_t pd, const struct sdf_map *map)
{
    const struct sdf_region *region = &build->sdf->regions[map->region];

    for (unsigned int i = 0; i < build->board->ecam_count && region->has_phys_addr; i++) {
        const struct board_ecam *ecam = &build->board->ecams[i];
        uint64_t at = region->phys_addr > ecam->start ? region->phys_addr : ecam->start;

        for (; at < ecam->start + ecam->size && at < region->phys_addr + region->size;
             at += 1UL << FUNCTION_SHIFT) {
            uint32_t function = (uint32_t)((at - ecam->start) >> FUNCTION_SHIFT);
            uint32_t id;

            if (may_be_there(ecam, region, function) &&
                find_id(ecam, ecam->first_bus * BUS_FUNCTIONS + function, &id)) {
                add(build, pd, map, id);
            }
        }
    }
}

/* How many functions a map has at most. */
static size_t count_pages(const struct build *build, const struct sdf_map *maps, size_t count)
{
    size_t pages = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sdf_region *region = &build->sdf->regions[maps[i].region];

        for (unsigned int k = 0; k < build->board->ecam_count && region->has_phys_addr; k++) {
            const struct board_ecam *ecam = &build->board->ecams[k];

            if (region->phys_addr < ecam->start + ecam->size &&
                ecam->start < region->phys_addr + region->size) {
                pages += region->size >> FUNCTION_SHIFT;
            }
        }
    }
    return pages;
}

static void add_all(struct build *build, size_t pd, const struct sdf_map *maps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_functions(build, pd, &maps[i]);
    }
}

static void set_event_bits(struct build *build, const struct sdf_pd *pd)
{
    for (size_t i = 0; i < pd->irq_count; i++) {
        while (board_is_message(build->board, &pd->irqs[i]) &&
               pd->irqs[i].intid >> build->event_bits != 0) {
            build->event_bits++;
        }
    }
}

void senders_find(struct build *build)
{
    const struct sdf *sdf = build->sdf;
    size_t pages = 0;

    build->event_bits = 1;
    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        pages += count_pages(build, pd->maps, pd->map_count);
        pages += pd->vm == NULL ? 0 : count_pages(build, pd->vm->maps, pd->vm->map_count);
    }
    build->senders = arena_array(build->arena, pages + 1, sizeof(*build->senders));
    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        if (has_messages(build, pd)) {
            build->its.base = build->board->its;
            set_event_bits(build, pd);
            add_all(build, i, pd->maps, pd->map_count);
            add_all(build, i, pd->vm == NULL ? NULL : pd->vm->maps,
                    pd->vm == NULL ? 0 : pd->vm->map_count);
        }
    }
}

static uint64_t event_table_size(const struct build *build)
{
    uint64_t size = (uint64_t)IMAGE_ITS_EVENT << build->event_bits;

    return size < TABLE_ALIGN ? TABLE_ALIGN : size;
}

static uint64_t its_up(uint64_t size)
{
    return (size + IMAGE_ITS_ALIGN - 1) & ~(IMAGE_ITS_ALIGN - 1);
}

void senders_place(struct build *build)
{
    static const struct sdf_pos whole = {.row = 1, .col = 1, .tag = "system"};
    struct image_its *its = &build->its;
    uint64_t devices = 0;

    if (its->base == 0) {
        return;
    }
    for (size_t i = 0; i < build->sender_count; i++) {
        devices = build->senders[i].id > devices ? build->senders[i].id : devices;
    }
    its->pending.size = PENDING_SIZE;
    its->devices.size = its_up((devices + 1) * IMAGE_ITS_ENTRY);
    its->collections.size = IMAGE_ITS_ALIGN;
    its->properties.size = LPI_COUNT;
    its->commands.size = COMMANDS_SIZE;
    struct image_range *ranges[] = {&its->pending, &its->devices, &its->collections,
                                    &its->properties, &its->commands};
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        ranges[i]->start =
            layout_take(build, ranges[i]->size, IMAGE_ITS_ALIGN, &whole, "the ITS's tables");
    }
    build->event_tables = layout_take(build, page_up(build->sender_count * event_table_size(build)),
                                      PAGE_SIZE, &whole, "the ITS's tables");
}

uint32_t senders_intid(const struct build *build, const struct sdf_irq *irq)
{
    return irq->intid + (board_is_message(build->board, irq) ? ABI_FIRST_LPI : 0);
}

void senders_write(const struct build *build, struct image_sender *list)
{
    for (size_t i = 0; i < build->sender_count; i++) {
        list[i] = (struct image_sender){.table = build->event_tables + i * event_table_size(build),
                                        .id = build->senders[i].id,
                                        .pd = build->senders[i].pd,
                                        .event_bits = build->event_bits};
    }
}
