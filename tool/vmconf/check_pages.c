/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page of registers is the unit in which devices are given away: it must hold a device of the
 * guest, else it is an accident.
 */
#include "tool/vmconf/check_pages.h"

#include <inttypes.h>

#include "tool/vmconf/devices.h"
#include "tool/vmconf/pci.h"

#define PAGE_SIZE 0x1000u

#define MAX_REASONS 3u

static uint64_t page_down(uint64_t address)
{
    return address & ~(uint64_t)(PAGE_SIZE - 1);
}

/* End of the page that holds the last byte of something. */
static uint64_t page_end(uint64_t last)
{
    return last > UINT64_MAX - PAGE_SIZE ? UINT64_MAX : page_down(last) + PAGE_SIZE;
}

/* From the page at `at`: where pages with a device of the guest end; or, if it has none, `at`,
 * and in *next where the next device's page begins. */
static uint64_t skip_devices(const struct guest *guest, uint64_t at, uint64_t *next)
{
    const struct tree *tree = guest->tree;
    uint64_t end = at;

    *next = UINT64_MAX;
    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; k < tree->nodes[i].reg_count && devices_has(guest, i); k++) {
            const struct tree_range *reg = &tree->nodes[i].regs[k];
            if (tree_range_overlaps(reg, at, PAGE_SIZE)) {
                uint64_t here = page_end(reg->start + (reg->size - 1));
                end = here > end ? here : end;
            } else if (reg->start > at && page_down(reg->start) < *next) {
                *next = page_down(reg->start);
            }
        }
    }
    return end;
}

/* The same for BARs and windows, which are where the board has them. */
static uint64_t skip_pci(const struct guest *guest, const struct guest_map *map, uint64_t at)
{
    uint64_t end = at;

    if (map->ipa == map->region->phys_addr && !pci_has_bar(guest, at, PAGE_SIZE, &end)) {
        (void)pci_whole_has_memory(guest, at, &end);
    }
    return end;
}

/* Why the board's devices in a physical range did not qualify. */
static const char *list_reasons(const struct guest *guest, uint64_t start, uint64_t size)
{
    const struct tree *tree = guest->board->tree;
    const char *list = "";
    size_t count = 0;

    for (size_t i = 0; i < tree->node_count; i++) {
        const struct tree_node *node = &tree->nodes[i];
        bool is_here = false;
        for (size_t k = 0; k < node->reg_count; k++) {
            is_here = is_here || tree_range_overlaps(&node->regs[k], start, size);
        }
        if (!is_here || guest->choices[i].kind != CHOICE_LEFT_OUT) {
            continue;
        }
        if (count < MAX_REASONS) {
            list = arena_printf(guest->arena, "%s%s%s: %s", list, count == 0 ? "" : "; ",
                                node->name, guest->choices[i].why);
        }
        count++;
    }
    if (count == 0) {
        return "the board's device tree has none there";
    }
    return count <= MAX_REASONS
               ? list
               : arena_printf(guest->arena, "%s; and %zu more", list, count - MAX_REASONS);
}

static void check_map(struct guest *guest, const struct guest_map *map)
{
    uint64_t at = map->ipa;
    uint64_t end = map->ipa + map->size;

    while (at < end) {
        uint64_t next;
        uint64_t covered = skip_devices(guest, at, &next);
        covered = covered > at ? covered : skip_pci(guest, map, at);
        if (covered > at) {
            at = covered;
            continue;
        }
        next = next < end ? next : end;
        uint64_t physical = map->region->phys_addr + (at - map->ipa);
        sdf_error(guest->messages, &map->map->pos,
                  "no device of the guest has registers in 0x%" PRIx64 "..0x%" PRIx64
                  " of region '%s' (%s)",
                  physical, physical + (next - at), map->region->name,
                  list_reasons(guest, physical, next - at));
        return; /* one message for a map */
    }
}

void check_device_pages(struct guest *guest)
{
    for (size_t i = 0; i < guest->map_count; i++) {
        if (guest->maps[i].kind == MAP_DEVICE) {
            check_map(guest, &guest->maps[i]);
        }
    }
}
