/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One of the board's host bridges passed through whole: ECAM and windows are mapped into the VM at
 * their own addresses, as far as the description likes. The node says no more than that: buses,
 * windows and lines are what the guest has, the MSI frame is the VMM's.
 */
#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/maps.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/select.h"

#define BUS_SIZE       (1u << BRIDGE_BUS_SHIFT)
#define LINE_CELLS     10u /* with two cells of the GIC's address */
#define ALL_DEVICE_IDS 0x10000u

#define SPI_FIRST 32u
#define SPI_LEVEL 4u

static const char *const replaced[] = {
    "reg",           "bus-range", "ranges",       "interrupt-map-mask",
    "interrupt-map", "msi-map",   "msi-map-mask", "msi-parent",
};

static uint32_t count_buses(const struct guest *guest, const struct bridge *bridge)
{
    uint32_t count = 0;

    while (count < bridge->bus_count) {
        const struct tree_range bus = {bridge->ecam.start + (uint64_t)count * BUS_SIZE, BUS_SIZE};
        if (!maps_cover_identically(guest, &bus)) {
            break;
        }
        count++;
    }
    return count;
}

/* The part of a window that the guest has from `at` on, or the next one; size 0: no more. */
static struct tree_range find_part(const struct guest *guest, const struct tree_range *window,
                                   uint64_t at)
{
    const uint64_t end = window->start + window->size;
    struct tree_range part = {end, 0};

    for (size_t i = 0; i < guest->map_count; i++) {
        const struct guest_map *map = &guest->maps[i];
        if (map->kind == MAP_DEVICE && map->region->phys_addr == map->ipa &&
            tree_range_overlaps(window, map->ipa, map->size) && map->ipa + map->size > at) {
            uint64_t start = map->ipa < at ? at : map->ipa;
            part.start = start < part.start ? start : part.start;
        }
    }
    for (at = part.start; at < end;) {
        const struct guest_map *map = maps_at(guest, at);
        if (map == NULL || map->kind != MAP_DEVICE || map->region->phys_addr != map->ipa) {
            break;
        }
        at = map->ipa + map->size;
    }
    part.size = (at < end ? at : end) - part.start;
    return part;
}

static bool has_memory(const struct guest *guest, const struct bridge *bridge)
{
    for (size_t i = 0; i < bridge->window_count; i++) {
        const struct bridge_window *window = &bridge->windows[i];
        if (bridge_space(window) >= BRIDGE_MEMORY_32 &&
            find_part(guest, &window->range, window->range.start).size > 0) {
            return true;
        }
    }
    return false;
}

const char *pci_whole_why_not(const struct guest *guest, const struct bridge *bridge)
{
    const struct tree *tree = guest->board->tree;

    if (tree->nodes[bridge->node].parent != TREE_ROOT) {
        return "a PCI host bridge is passed through only from below the root";
    }
    if (count_buses(guest, bridge) == 0) {
        return arena_printf(guest->arena,
                            "the ECAM of its first bus, 0x%" PRIx64 "..0x%" PRIx64
                            ", is not all mapped at its own address",
                            bridge->ecam.start, bridge->ecam.start + BUS_SIZE);
    }
    if (!has_memory(guest, bridge)) {
        return arena_printf(guest->arena,
                            "none of its memory windows, %s, is mapped at its own address",
                            pci_windows(guest->arena, bridge));
    }
    for (size_t i = 0; i < bridge->line_count; i++) {
        if (select_find_irq(guest->pd, bridge->lines[i].irq.intid) == NULL) {
            return arena_printf(guest->arena,
                                "its interrupt %" PRIu32 " is not declared by an <irq>",
                                bridge->lines[i].irq.intid);
        }
    }
    return NULL;
}

bool pci_whole_is(const struct guest *guest, const char *path, uint16_t *first_bus)
{
    const struct bridge *bridge = guest->pci.whole;

    if (bridge == NULL || !select_is_kept(guest, bridge->node) ||
        strcmp(guest->board->tree->nodes[bridge->node].path, path) != 0) {
        return false;
    }
    *first_bus = (uint16_t)bridge->first_bus;
    return true;
}

/* The bridge that a node of the board's is, if the guest has it; or NULL. */
static const struct bridge *find_whole(const struct guest *guest, size_t node)
{
    const struct bridge *bridge = guest->pci.whole;

    return bridge != NULL && bridge->node == node ? bridge : NULL;
}

bool pci_whole_has_memory(const struct guest *guest, uint64_t at, uint64_t *end)
{
    const struct bridge *bridge = guest->pci.whole;

    for (size_t i = 0; bridge != NULL && i < bridge->window_count; i++) {
        const struct tree_range *range = &bridge->windows[i].range;
        if (at >= range->start && at - range->start < range->size) {
            *end = range->start + range->size;
            return true;
        }
    }
    return false;
}

bool pci_whole_replaces(const struct guest *guest, size_t node, const char *property)
{
    for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++) {
        if (find_whole(guest, node) != NULL && strcmp(property, replaced[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void write_ranges(const struct guest *guest, struct fdt_writer *writer,
                         const struct bridge *bridge)
{
    size_t room = bridge->window_count * (guest->map_count + 1);
    uint32_t *cells = arena_array(guest->arena, room, PCI_WINDOW_CELLS * sizeof(*cells));
    size_t count = 0;

    for (size_t i = 0; i < bridge->window_count; i++) {
        const struct bridge_window *window = &bridge->windows[i];
        struct tree_range part = find_part(guest, &window->range, window->range.start);
        while (part.size > 0) {
            uint64_t pci = window->pci + (part.start - window->range.start);
            pci_window_cells(&cells[count], window->flags, pci, &part);
            count += PCI_WINDOW_CELLS;
            part = find_part(guest, &window->range, part.start + part.size);
        }
    }
    fdt_writer_cells(writer, "ranges", cells, count);
}

static void write_lines(const struct guest *guest, struct fdt_writer *writer,
                        const struct bridge *bridge)
{
    uint32_t *cells = arena_array(guest->arena, bridge->line_count, LINE_CELLS * sizeof(*cells));

    for (size_t i = 0; i < bridge->line_count; i++) {
        const struct bridge_line *line = &bridge->lines[i];
        uint32_t *entry = &cells[i * LINE_CELLS];
        memcpy(entry, line->address, sizeof(line->address));
        entry[3] = line->pin;
        entry[4] = guest->gic_phandle;
        entry[8] = line->irq.intid - SPI_FIRST;
        entry[9] = SPI_LEVEL;
    }
    fdt_writer_cells(writer, "interrupt-map-mask", bridge->line_mask,
                     sizeof(bridge->line_mask) / sizeof(bridge->line_mask[0]));
    fdt_writer_cells(writer, "interrupt-map", cells, bridge->line_count * LINE_CELLS);
}

void pci_whole_write(const struct guest *guest, struct fdt_writer *writer, size_t node)
{
    const struct bridge *bridge = find_whole(guest, node);

    if (bridge == NULL) {
        return;
    }
    uint32_t count = count_buses(guest, bridge);
    const uint64_t reg[2] = {bridge->ecam.start, (uint64_t)count * BUS_SIZE};
    const uint32_t buses[2] = {bridge->first_bus, bridge->first_bus + count - 1};
    const uint32_t msi_map[4] = {0, guest->msi_phandle, 0, ALL_DEVICE_IDS};
    fdt_writer_u64s(writer, "reg", reg, 2);
    fdt_writer_cells(writer, "bus-range", buses, 2);
    write_ranges(guest, writer, bridge);
    write_lines(guest, writer, bridge);
    if (guest->pci.msi.count > 0) {
        fdt_writer_cells(writer, "msi-map", msi_map, 4);
    }
}
