/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page of registers is the unit in which devices are given away, and belongs to one guest only.
 * For QEMU's virtio-mmio transports, of which a page holds eight, the remedy is in the message:
 * which of them are on pages that nobody has.
 */
#include "tool/vmconf/check_sharing.h"

#include <inttypes.h>

#define PAGE_SIZE 0x1000u

/* Numbers of virtio-mmio transports, as in QEMU's virtio-mmio-bus.N. */
struct transports {
    size_t first; /* SIZE_MAX: none */
    size_t last;
};

static struct transports transports_in(const struct board *board, uint64_t start, uint64_t size)
{
    struct transports found = {.first = SIZE_MAX};

    for (size_t i = 0; i < board->tree->node_count; i++) {
        size_t number = board_transport_number(board, i);
        if (number != SIZE_MAX &&
            tree_range_overlaps(&board->tree->nodes[i].regs[0], start, size)) {
            found.first = number < found.first ? number : found.first;
            found.last = number > found.last ? number : found.last;
        }
    }
    return found;
}

/* The address of the transport of a number; 0: there is none. */
static uint64_t transport_address(const struct board *board, size_t number)
{
    for (size_t i = 0; i < board->tree->node_count; i++) {
        if (board_transport_number(board, i) == number) {
            return board->tree->nodes[i].regs[0].start;
        }
    }
    return 0;
}

static bool is_in_a_region(const struct sdf *sdf, const struct tree_range *page)
{
    for (size_t i = 0; i < sdf->region_count; i++) {
        const struct sdf_region *region = &sdf->regions[i];
        if (region->has_phys_addr && region->size > 0 &&
            tree_range_overlaps(page, region->phys_addr, region->size)) {
            return true;
        }
    }
    return false;
}

/* "8 to 15 (0xa001000), 16 to 23 (0xa002000)", those in no region; "" */
static const char *list_free(const struct guest *guest)
{
    const char *list = "";
    struct transports on_page;
    uint64_t at;

    for (size_t next = 0; (at = transport_address(guest->board, next)) != 0;
         next = on_page.last + 1) {
        struct tree_range page = {at & ~(uint64_t)(PAGE_SIZE - 1), PAGE_SIZE};
        on_page = transports_in(guest->board, page.start, page.size);
        if (!is_in_a_region(guest->sdf, &page)) {
            list =
                arena_printf(guest->arena, "%s%s%zu to %zu (0x%" PRIx64 ")", list,
                             list[0] == '\0' ? "" : ", ", on_page.first, on_page.last, page.start);
        }
    }
    return list;
}

/* How to separate the devices in a region of virtio-mmio transports; NULL: it has none. */
static const char *separation(const struct guest *guest, const struct sdf_region *region)
{
    struct transports here = transports_in(guest->board, region->phys_addr, region->size);
    const char *others = list_free(guest);

    if (here.first == SIZE_MAX) {
        return NULL;
    }
    if (others[0] == '\0') {
        return arena_printf(guest->arena,
                            "it holds the virtio-mmio transports %zu to %zu, and no other page of "
                            "them is free: give each guest a page (0x%x bytes) of its own",
                            here.first, here.last, PAGE_SIZE);
    }
    return arena_printf(guest->arena,
                        "it holds the virtio-mmio transports %zu to %zu. Map another page of them "
                        "into one guest, and put its devices there with bus=virtio-mmio-bus.N in "
                        "QEMU's arguments; free are N = %s",
                        here.first, here.last, others);
}

static void refuse_sharing(const struct guest *guest, const struct guest *other,
                           const struct guest_map *map)
{
    const char *remedy = "";

    if (map->kind == MAP_DEVICE) {
        remedy = separation(guest, map->region);
        remedy =
            arena_printf(guest->arena, ": %s", remedy != NULL ? remedy : "a device has one owner");
    }
    sdf_error(guest->messages, &map->map->pos,
              "region '%s' is mapped into '%s' already, and may not be in two guests%s",
              map->region->name, other->vm->name, remedy);
}

static void check_pair(const struct guest *guest, const struct guest *other)
{
    for (size_t i = 0; i < guest->map_count; i++) {
        const struct guest_map *map = &guest->maps[i];
        for (size_t k = 0; k < other->map_count; k++) {
            /* What is behind the GIC's CPU interface is switched with the vCPU. */
            if (map->region == other->maps[k].region && map->kind != MAP_GIC_CPU &&
                map->kind != MAP_NOTHING &&
                !(map->kind == MAP_CODE && other->maps[k].kind == MAP_CODE)) {
                refuse_sharing(guest, other, map);
                break;
            }
        }
    }
}

static void check_overlap(const struct guest *guest, const struct sdf_region *region,
                          const struct sdf_region *other)
{
    if (!region->has_phys_addr || !other->has_phys_addr ||
        region->phys_addr >= other->phys_addr + other->size ||
        other->phys_addr >= region->phys_addr + region->size) {
        return;
    }
    const char *remedy = separation(guest, region);
    sdf_error(guest->messages, &region->pos,
              "memory region '%s' overlaps '%s' (0x%" PRIx64 "..0x%" PRIx64 ")%s%s", region->name,
              other->name, other->phys_addr, other->phys_addr + other->size,
              remedy == NULL ? "" : ": ", remedy == NULL ? "" : remedy);
}

void check_sharing(const struct guest *guests, size_t guest_count)
{
    const struct sdf *sdf = guest_count == 0 ? NULL : guests[0].sdf;

    for (size_t i = 1; i < guest_count; i++) {
        for (size_t k = 0; k < i; k++) {
            check_pair(&guests[i], &guests[k]);
        }
    }
    /* After this, sharing a page is sharing a region. */
    for (size_t i = 1; sdf != NULL && i < sdf->region_count; i++) {
        for (size_t k = 0; k < i; k++) {
            check_overlap(&guests[0], &sdf->regions[i], &sdf->regions[k]);
        }
    }
}
