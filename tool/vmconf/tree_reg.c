/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "reg" and "ranges": where the CPU sees a node's registers. A node is addressable when each bus
 * above it, up to the root, has "ranges"; PCI's three-cell addresses are another matter, and so
 * are buses without sizes (I2C, the cpus node).
 */
#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/messages.h"
#include "tool/vmconf/tree_decode.h"

#define MAX_ADDRESS_CELLS 2u

static uint64_t read_cells(const fdt32_t *cells, uint32_t count)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < count; i++) {
        value = value << 32 | fdt32_ld(&cells[i]);
    }
    return value;
}

static bool bus_has_plain_addresses(const struct tree_node *bus)
{
    return bus->address_cells >= 1 && bus->address_cells <= MAX_ADDRESS_CELLS &&
           bus->size_cells >= 1 && bus->size_cells <= MAX_ADDRESS_CELLS;
}

/* One step up: from the address space below `bus` to the one that `bus` itself is in. */
static bool translate_step(const struct tree *tree, size_t bus, struct tree_range *range)
{
    const struct tree_node *node = &tree->nodes[bus];
    const struct tree_node *above = &tree->nodes[node->parent];
    uint32_t stride = node->address_cells + above->address_cells + node->size_cells;
    int length;
    const fdt32_t *cells = tree_property(tree, bus, "ranges", &length);

    if (cells == NULL || !bus_has_plain_addresses(above)) {
        return false;
    }
    for (; length >= (int)(stride * sizeof(*cells)); length -= (int)(stride * sizeof(*cells))) {
        uint64_t child = read_cells(cells, node->address_cells);
        uint64_t parent = read_cells(cells + node->address_cells, above->address_cells);
        uint64_t size =
            read_cells(cells + node->address_cells + above->address_cells, node->size_cells);
        if (range->start >= child && range->start - child < size &&
            range->size <= size - (range->start - child) &&
            parent <= UINT64_MAX - (range->start - child)) {
            range->start = parent + (range->start - child);
            return true;
        }
        cells += stride;
    }
    return length == 0 && cells == tree_property(tree, bus, "ranges", NULL);
}

bool tree_translate(const struct tree *tree, size_t bus, struct tree_range *range)
{
    for (; bus != TREE_ROOT; bus = tree->nodes[bus].parent) {
        if (!translate_step(tree, bus, range)) {
            return false;
        }
    }
    return range->size <= UINT64_MAX - range->start;
}

static void decode_reg(struct arena *arena, struct tree *tree, size_t index,
                       struct sdf_messages *messages)
{
    struct tree_node *node = &tree->nodes[index];
    const struct tree_node *bus = &tree->nodes[node->parent];
    uint32_t stride = bus->address_cells + bus->size_cells;
    int length;
    const fdt32_t *cells = tree_property(tree, index, "reg", &length);

    node->has_reg = cells != NULL;
    if (cells == NULL || !bus_has_plain_addresses(bus)) {
        return;
    }
    if (length <= 0 || (size_t)length % (stride * sizeof(*cells)) != 0) {
        vmconf_error(messages, "%s: %s: reg is %d bytes long, not a multiple of %u cells",
                     tree->file, node->path, length, stride);
        return;
    }
    size_t count = (size_t)length / (stride * sizeof(*cells));
    node->regs = arena_array(arena, count, sizeof(*node->regs));
    for (size_t i = 0; i < count; i++, cells += stride) {
        struct tree_range range = {
            .start = read_cells(cells, bus->address_cells),
            .size = read_cells(cells + bus->address_cells, bus->size_cells),
        };
        if (range.size > 0 && range.size - 1 > UINT64_MAX - range.start) {
            vmconf_error(messages, "%s: %s: reg runs over the end of the address space", tree->file,
                         node->path);
        } else if (range.size > 0 && tree_translate(tree, node->parent, &range)) {
            node->regs[node->reg_count++] = range;
        }
    }
}

static void check_ranges(const struct tree *tree, size_t index, struct sdf_messages *messages)
{
    const struct tree_node *bus = &tree->nodes[index];
    uint32_t parent_cells = index == TREE_ROOT ? 0 : tree->nodes[bus->parent].address_cells;
    uint64_t stride = (uint64_t)bus->address_cells + parent_cells + bus->size_cells;
    int length;

    if (tree_property(tree, index, "ranges", &length) == NULL || length == 0) {
        return;
    }
    if (stride == 0 || (uint64_t)length % (stride * sizeof(fdt32_t)) != 0) {
        vmconf_error(messages, "%s: %s: ranges is %d bytes long, not a multiple of %llu cells",
                     tree->file, bus->path, length, (unsigned long long)stride);
    }
}

void tree_decode_regs(struct arena *arena, struct tree *tree, struct sdf_messages *messages)
{
    for (size_t i = TREE_ROOT; i < tree->node_count; i++) {
        check_ranges(tree, i, messages);
    }
    for (size_t i = TREE_ROOT + 1; i < tree->node_count; i++) {
        decode_reg(arena, tree, i, messages);
    }
}
