/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the board's host bridges, and look-ups in what was read; see bridge.h. */
#include "tool/vmconf/bridge.h"

#include <libfdt.h>

#include "tool/vmconf/messages.h"

#define BUS_LIMIT      256u
#define SIZE_CELLS     2u
#define SPECIFIER_SIZE 3u /* cells of the GIC's */
#define MAX_CELLS      8u

#define BUS_SHIFT     16u /* in an address's first cell */
#define DEVICE_SHIFT  11u
#define FUNCTION_MASK 0x700u

#define STREAM_CELLS 4u

/* Behind the ITS's registers is the page whose GITS_TRANSLATER takes messages, at the same place as
 * a GICv2m frame's MSI_SETSPI_NS (IHI 0069H, 12.18). */
#define ITS_TRANSLATION 0x10000u

#define INTID_END 1020u
#define SPI_FIRST 32u

struct reading {
    struct arena *arena;
    const struct tree *tree;
    struct sdf_messages *messages;
    struct bridge *bridge;
};

static uint64_t two_cells(const fdt32_t *cells)
{
    return (uint64_t)fdt32_ld(&cells[0]) << 32 | fdt32_ld(&cells[1]);
}

static void report_malformed(const struct reading *reading, size_t node, const char *property)
{
    vmconf_error(reading->messages, "%s: %s: property '%s' is malformed", reading->tree->file,
                 reading->tree->nodes[node].path, property);
}

/* A property as cells, `*count` of them; NULL: there is none. */
static const fdt32_t *cells_of(const struct reading *reading, size_t node, const char *name,
                               size_t *count)
{
    int length;
    const fdt32_t *cells = tree_property(reading->tree, node, name, &length);

    *count = cells == NULL || length < 0 ? 0 : (size_t)length / sizeof(*cells);
    return cells;
}

/* As many buses as there are in both bus-range and ECAM. */
static void read_buses(const struct reading *reading)
{
    struct bridge *bridge = reading->bridge;
    uint64_t in_ecam = bridge->ecam.size >> BRIDGE_BUS_SHIFT;
    uint32_t last = BUS_LIMIT - 1;
    size_t count;
    const fdt32_t *cells = cells_of(reading, bridge->node, "bus-range", &count);

    if (cells != NULL) {
        bridge->first_bus = count == 2 ? fdt32_ld(&cells[0]) : BUS_LIMIT;
        last = count == 2 ? fdt32_ld(&cells[1]) : 0;
    }
    if (last >= BUS_LIMIT || bridge->first_bus > last) {
        report_malformed(reading, bridge->node, "bus-range");
        return;
    }
    bridge->bus_count = last - bridge->first_bus + 1;
    if (bridge->bus_count > in_ecam) {
        bridge->bus_count = (uint32_t)in_ecam;
    }
}

/* Their shape is checked: tree_decode_regs(). */
static void read_windows(const struct reading *reading)
{
    struct bridge *bridge = reading->bridge;
    size_t above = reading->tree->nodes[bridge->node].parent;
    uint32_t parent_cells = reading->tree->nodes[above].address_cells;
    size_t stride = BRIDGE_ADDRESS_CELLS + (size_t)parent_cells + SIZE_CELLS;
    size_t count;
    const fdt32_t *cells = cells_of(reading, bridge->node, "ranges", &count);

    if (parent_cells < 1 || parent_cells > 2) {
        return;
    }
    bridge->windows = arena_array(reading->arena, count / stride, sizeof(*bridge->windows));
    for (; count >= stride; count -= stride, cells += stride) {
        const fdt32_t *parent = cells + BRIDGE_ADDRESS_CELLS;
        struct bridge_window window = {
            .flags = fdt32_ld(&cells[0]),
            .pci = two_cells(&cells[1]),
            .range = {.start = parent_cells == 2 ? two_cells(parent) : fdt32_ld(parent),
                      .size = two_cells(parent + parent_cells)},
        };
        if (window.range.size > 0 && window.range.size <= UINT64_MAX - window.pci &&
            tree_translate(reading->tree, above, &window.range)) {
            bridge->windows[bridge->window_count++] = window;
        }
    }
}

/* Reads the entry at `cells`, of which `left` are there; returns its length, or 0: malformed. */
static size_t read_line(const struct reading *reading, const fdt32_t *cells, size_t left)
{
    const struct tree *tree = reading->tree;
    struct bridge *bridge = reading->bridge;
    struct bridge_line *line = &bridge->lines[bridge->line_count];
    const size_t own = BRIDGE_ADDRESS_CELLS + 1;
    size_t controller = left > own ? tree_find_phandle(tree, fdt32_ld(&cells[own])) : TREE_NONE;

    if (controller == TREE_NONE) {
        return 0;
    }
    /* Without the property it has no addresses: Linux's of_irq_parse_raw(). */
    uint32_t address_cells = tree_cell(tree, controller, "#address-cells", 0);
    uint32_t specifier = tree_cell(tree, controller, "#interrupt-cells", MAX_CELLS + 1);
    if (address_cells > MAX_CELLS || specifier > MAX_CELLS ||
        left < own + 1 + address_cells + specifier) {
        return 0;
    }
    if (controller == tree->gic) {
        for (size_t i = 0; i < BRIDGE_ADDRESS_CELLS; i++) {
            line->address[i] = fdt32_ld(&cells[i]);
        }
        line->pin = fdt32_ld(&cells[BRIDGE_ADDRESS_CELLS]);
        if (specifier != SPECIFIER_SIZE ||
            !tree_read_specifier(cells + own + 1 + address_cells, &line->irq) ||
            line->irq.intid < SPI_FIRST) {
            return 0;
        }
        bridge->line_count += !line->irq.edge; /* INTx is a level */
    }
    return own + 1 + address_cells + specifier;
}

static void read_lines(const struct reading *reading)
{
    struct bridge *bridge = reading->bridge;
    size_t count;
    const fdt32_t *mask = cells_of(reading, bridge->node, "interrupt-map-mask", &count);

    if (mask != NULL && count != BRIDGE_ADDRESS_CELLS + 1) {
        report_malformed(reading, bridge->node, "interrupt-map-mask");
        return;
    }
    for (size_t i = 0; i < BRIDGE_ADDRESS_CELLS + 1; i++) {
        bridge->line_mask[i] = mask == NULL ? UINT32_MAX : fdt32_ld(&mask[i]);
    }
    const fdt32_t *cells = cells_of(reading, bridge->node, "interrupt-map", &count);
    bridge->lines =
        arena_array(reading->arena, count / (BRIDGE_ADDRESS_CELLS + 2), sizeof(*bridge->lines));
    while (count > 0) {
        size_t length = read_line(reading, cells, count);
        if (length == 0) {
            report_malformed(reading, bridge->node, "interrupt-map");
            return;
        }
        cells += length;
        count -= length;
    }
}

/* The controller of the first bus's functions: msi-map's first entry, or msi-parent. */
static size_t find_msi_parent(const struct reading *reading)
{
    size_t count;
    const fdt32_t *map = cells_of(reading, reading->bridge->node, "msi-map", &count);

    if (map != NULL) {
        return count < 2 ? TREE_NONE : tree_find_phandle(reading->tree, fdt32_ld(&map[1]));
    }
    map = cells_of(reading, reading->bridge->node, "msi-parent", &count);
    return count < 1 ? TREE_NONE : tree_find_phandle(reading->tree, fdt32_ld(map));
}

static void read_msi(const struct reading *reading)
{
    const struct tree *tree = reading->tree;
    struct bridge_msi *msi = &reading->bridge->msi;
    size_t node = find_msi_parent(reading);

    msi->node = TREE_NONE;
    if (node == TREE_NONE || tree->nodes[node].reg_count == 0) {
        return;
    }
    if (tree_is_compatible(tree, node, "arm,gic-v3-its")) {
        msi->node = node;
        msi->is_its = true;
        msi->frame = tree->nodes[node].regs[0];
        msi->frame.start += ITS_TRANSLATION;
        return;
    }
    if (!tree_is_compatible(tree, node, "arm,gic-v2m-frame")) {
        return;
    }
    msi->node = node;
    msi->frame = tree->nodes[node].regs[0];
    msi->first = tree_cell(tree, node, "arm,msi-base-spi", 0);
    msi->count = tree_cell(tree, node, "arm,msi-num-spis", 0);
    if (msi->count > 0 &&
        (msi->first < SPI_FIRST || msi->count > INTID_END || msi->first > INTID_END - msi->count)) {
        report_malformed(reading, node, "arm,msi-base-spi");
    }
}

static void read_stream_mask(const struct reading *reading)
{
    size_t count;
    const fdt32_t *mask = cells_of(reading, reading->bridge->node, "iommu-map-mask", &count);

    if (mask != NULL && count != 1) {
        report_malformed(reading, reading->bridge->node, "iommu-map-mask");
    }
    reading->bridge->stream_mask = mask != NULL && count == 1 ? fdt32_ld(mask) : UINT32_MAX;
}

/* (requester ID, IOMMU, stream, length), any number of them. */
static void read_streams(const struct reading *reading)
{
    struct bridge *bridge = reading->bridge;
    size_t count;
    const fdt32_t *cells = cells_of(reading, bridge->node, "iommu-map", &count);

    bridge->streams = arena_array(reading->arena, count / STREAM_CELLS, sizeof(*bridge->streams));
    for (; count >= STREAM_CELLS; count -= STREAM_CELLS, cells += STREAM_CELLS) {
        struct bridge_streams entry = {
            .first = fdt32_ld(&cells[0]),
            .node = tree_find_phandle(reading->tree, fdt32_ld(&cells[1])),
            .id = fdt32_ld(&cells[2]),
            .count = fdt32_ld(&cells[3]),
        };
        if (entry.node == TREE_NONE || entry.count > UINT32_MAX - entry.first ||
            entry.count > UINT32_MAX - entry.id) {
            break;
        }
        bridge->streams[bridge->stream_count++] = entry;
    }
    if (count > 0) {
        report_malformed(reading, bridge->node, "iommu-map");
    }
}

static bool is_bridge(const struct tree *tree, size_t node)
{
    const struct tree_node *bridge = &tree->nodes[node];

    return bridge->enabled && bridge->reg_count > 0 &&
           bridge->regs[0].start % (1u << BRIDGE_FUNCTION_SHIFT) == 0 &&
           bridge->regs[0].size >> BRIDGE_BUS_SHIFT > 0 &&
           bridge->address_cells == BRIDGE_ADDRESS_CELLS && bridge->size_cells == SIZE_CELLS &&
           tree_cell(tree, node, "#interrupt-cells", 1) == 1 &&
           tree_is_compatible(tree, node, "pci-host-ecam-generic");
}

struct bridge *bridge_read_all(struct arena *arena, const struct tree *tree, size_t *count,
                               struct sdf_messages *messages)
{
    struct bridge *bridges;

    *count = 0;
    for (size_t i = TREE_ROOT + 1; i < tree->node_count; i++) {
        *count += is_bridge(tree, i);
    }
    bridges = arena_array(arena, *count, sizeof(*bridges));
    *count = 0;
    for (size_t i = TREE_ROOT + 1; i < tree->node_count; i++) {
        if (is_bridge(tree, i)) {
            struct bridge *bridge = &bridges[(*count)++];
            const struct reading reading = {arena, tree, messages, bridge};
            bridge->node = i;
            bridge->ecam = tree->nodes[i].regs[0];
            read_buses(&reading);
            read_windows(&reading);
            read_lines(&reading);
            read_msi(&reading);
            read_stream_mask(&reading);
            read_streams(&reading);
            bridge->is_coherent = tree_is_coherent(tree, i);
        }
    }
    return bridges;
}

enum bridge_space bridge_space(const struct bridge_window *window)
{
    return (enum bridge_space)(window->flags >> 24 & 3);
}

bool bridge_takes_bars(const struct bridge_window *window)
{
    return bridge_space(window) >= BRIDGE_MEMORY_32 && window->pci == window->range.start;
}

const struct tree_irq *bridge_find_line(const struct bridge *bridge, uint32_t device, uint32_t pin)
{
    const uint32_t *mask = bridge->line_mask;
    uint32_t address = bridge->first_bus << BUS_SHIFT | device << DEVICE_SHIFT;

    if ((mask[0] & FUNCTION_MASK) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < bridge->line_count; i++) {
        const struct bridge_line *line = &bridge->lines[i];
        if (((address ^ line->address[0]) & mask[0]) == 0 && (line->address[1] & mask[1]) == 0 &&
            (line->address[2] & mask[2]) == 0 &&
            ((pin ^ line->pin) & mask[BRIDGE_ADDRESS_CELLS]) == 0) {
            return &line->irq;
        }
    }
    return NULL;
}

bool bridge_has_line(const struct bridge *bridge, uint32_t intid)
{
    for (size_t i = 0; i < bridge->line_count; i++) {
        if (bridge->lines[i].irq.intid == intid) {
            return true;
        }
    }
    return false;
}

bool bridge_has_vector(const struct bridge *bridge, uint32_t intid)
{
    return intid >= bridge->msi.first && intid - bridge->msi.first < bridge->msi.count;
}

size_t bridge_find_stream(const struct bridge *bridge, uint32_t requester, uint32_t *id)
{
    for (size_t i = 0; i < bridge->stream_count; i++) {
        const struct bridge_streams *entry = &bridge->streams[i];
        uint32_t masked = requester & bridge->stream_mask;
        if (masked >= entry->first && masked - entry->first < entry->count) {
            *id = entry->id + (masked - entry->first);
            return entry->node;
        }
    }
    return TREE_NONE;
}
