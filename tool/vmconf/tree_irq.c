/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "interrupts" and "interrupts-extended" as INTIDs of the GIC. A specifier has three cells: type
 * (0 SPI, 1 PPI), number, flags (1, 2 edge; 4, 8 level; PPIs carry a CPU mask above). Interrupts
 * of other controllers are references to those: refs.c follows them.
 */
#include <libfdt.h>

#include "tool/vmconf/messages.h"
#include "tool/vmconf/tree_decode.h"

#define GIC_INTERRUPT_CELLS 3u
#define MAX_INTERRUPT_CELLS 8u

#define GIC_SPI       0u
#define GIC_PPI       1u
#define GIC_SPI_BASE  32u
#define GIC_PPI_BASE  16u
#define GIC_SPI_COUNT 988u
#define GIC_PPI_COUNT 16u

#define GIC_TRIGGER_MASK 0xfu
#define GIC_TRIGGER_EDGE 0x3u

/* The way Linux's of_irq_find_parent() goes: interrupt-parent where there is one, else the
 * node above, until one is a controller or a nexus. */
static size_t find_interrupt_parent(const struct tree *tree, size_t index)
{
    for (size_t steps = 0; index != TREE_NONE && steps < tree->node_count; steps++) {
        int length;
        if (tree_property(tree, index, "interrupt-parent", &length) != NULL) {
            index = tree_find_phandle(tree, tree_cell(tree, index, "interrupt-parent", 0));
        } else {
            index = tree->nodes[index].parent;
        }
        if (index != TREE_NONE && tree_property(tree, index, "#interrupt-cells", &length) != NULL) {
            return index;
        }
    }
    return TREE_NONE;
}

bool tree_read_specifier(const void *specifier, struct tree_irq *irq)
{
    const fdt32_t *cells = specifier;
    uint32_t type = fdt32_ld(&cells[0]);
    uint32_t number = fdt32_ld(&cells[1]);
    uint32_t trigger = fdt32_ld(&cells[2]) & GIC_TRIGGER_MASK;

    if (type > GIC_PPI || number >= (type == GIC_SPI ? GIC_SPI_COUNT : GIC_PPI_COUNT) ||
        (trigger & (trigger - 1)) != 0) {
        return false;
    }
    irq->intid = number + (type == GIC_SPI ? GIC_SPI_BASE : GIC_PPI_BASE);
    irq->edge = (trigger & GIC_TRIGGER_EDGE) != 0;
    return true;
}

static bool add_irq(struct tree *tree, size_t index, const fdt32_t *cells,
                    struct sdf_messages *messages)
{
    struct tree_node *node = &tree->nodes[index];

    if (!tree_read_specifier(cells, &node->irqs[node->irq_count])) {
        vmconf_error(messages, "%s: %s: interrupt <%u %u %u> is not one of a GIC", tree->file,
                     node->path, fdt32_ld(&cells[0]), fdt32_ld(&cells[1]), fdt32_ld(&cells[2]));
        return false;
    }
    node->irq_count++;
    return true;
}

static void decode_interrupts(struct arena *arena, struct tree *tree, size_t index,
                              struct sdf_messages *messages)
{
    struct tree_node *node = &tree->nodes[index];
    size_t parent = find_interrupt_parent(tree, index);
    int length;
    const fdt32_t *cells = tree_property(tree, index, "interrupts", &length);

    if (parent == TREE_NONE) {
        vmconf_error(messages, "%s: %s has interrupts but no interrupt parent", tree->file,
                     node->path);
        return;
    }
    if (parent != tree->gic) {
        node->interrupt_parent = parent;
        return;
    }
    if (length <= 0 || (size_t)length % (GIC_INTERRUPT_CELLS * sizeof(*cells)) != 0) {
        vmconf_error(messages, "%s: %s: interrupts is %d bytes long, not a multiple of %u cells",
                     tree->file, node->path, length, GIC_INTERRUPT_CELLS);
        return;
    }
    size_t count = (size_t)length / (GIC_INTERRUPT_CELLS * sizeof(*cells));
    node->irqs = arena_array(arena, count, sizeof(*node->irqs));
    for (size_t i = 0; i < count; i++, cells += GIC_INTERRUPT_CELLS) {
        if (!add_irq(tree, index, cells, messages)) {
            return;
        }
    }
}

static void decode_extended(struct arena *arena, struct tree *tree, size_t index,
                            struct sdf_messages *messages)
{
    struct tree_node *node = &tree->nodes[index];
    int length;
    const fdt32_t *cells = tree_property(tree, index, "interrupts-extended", &length);
    size_t left = length < 0 ? 0 : (size_t)length / sizeof(*cells);

    node->irqs = arena_array(arena, left / 2 + 1, sizeof(*node->irqs));
    while (left > 0) {
        size_t parent = tree_find_phandle(tree, fdt32_ld(cells));
        uint32_t count =
            parent == TREE_NONE ? UINT32_MAX : tree_cell(tree, parent, "#interrupt-cells", 0);
        if (count > MAX_INTERRUPT_CELLS || count + 1 > left) {
            vmconf_error(messages, "%s: %s: interrupts-extended is malformed", tree->file,
                         node->path);
            return;
        }
        if (parent == tree->gic && !add_irq(tree, index, cells + 1, messages)) {
            return;
        }
        cells += count + 1;
        left -= count + 1;
    }
}

static bool check_gic_cells(const struct tree *tree, struct sdf_messages *messages)
{
    if (tree->gic != TREE_NONE &&
        tree_cell(tree, tree->gic, "#interrupt-cells", 0) != GIC_INTERRUPT_CELLS) {
        vmconf_error(messages, "%s: %s: #interrupt-cells is not %u", tree->file,
                     tree->nodes[tree->gic].path, GIC_INTERRUPT_CELLS);
        return false;
    }
    return true;
}

void tree_decode_irqs(struct arena *arena, struct tree *tree, struct sdf_messages *messages)
{
    if (!check_gic_cells(tree, messages)) {
        return;
    }
    for (size_t i = 0; i < tree->node_count; i++) {
        int length;
        /* The specification lets the extended form win. */
        if (tree_property(tree, i, "interrupts-extended", &length) != NULL) {
            decode_extended(arena, tree, i, messages);
        } else if (tree_property(tree, i, "interrupts", &length) != NULL) {
            decode_interrupts(arena, tree, i, messages);
        }
    }
}
