/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building the node table, and look-ups in it. Blobs are proved sound by blob.c before; registers
 * and interrupts are decoded by tree_reg.c and tree_irq.c.
 */
#include "tool/vmconf/tree.h"

#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/blob.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/tree_decode.h"

/* Interrupt controllers whose specifiers tree_irq.c understands. */
static const struct {
    const char *compatible;
    unsigned int version;
} gics[] = {
    {"arm,gic-v3", 3},        {"arm,gic-400", 2},       {"arm,cortex-a15-gic", 2},
    {"arm,cortex-a7-gic", 2}, {"arm,cortex-a9-gic", 2}, {"arm,pl390", 2},
};

const void *tree_property(const struct tree *tree, size_t node, const char *name, int *length)
{
    return fdt_getprop(tree->fdt, tree->nodes[node].offset, name, length);
}

uint32_t tree_cell(const struct tree *tree, size_t node, const char *name, uint32_t otherwise)
{
    int length;
    const fdt32_t *cell = tree_property(tree, node, name, &length);

    return cell != NULL && length == (int)sizeof(*cell) ? fdt32_ld(cell) : otherwise;
}

const char *tree_string(const struct tree *tree, size_t node, const char *name)
{
    int length;
    const char *text = tree_property(tree, node, name, &length);

    if (text == NULL || length <= 0 || text[length - 1] != '\0') {
        return NULL;
    }
    return text;
}

bool tree_is_compatible(const struct tree *tree, size_t node, const char *compatible)
{
    return fdt_node_check_compatible(tree->fdt, tree->nodes[node].offset, compatible) == 0;
}

bool tree_is_memory(const struct tree *tree, size_t node)
{
    const char *type = tree_string(tree, node, "device_type");

    return type != NULL && strcmp(type, "memory") == 0;
}

bool tree_is_coherent(const struct tree *tree, size_t node)
{
    int length;

    while (node != TREE_NONE && tree_property(tree, node, "dma-coherent", &length) == NULL) {
        if (tree_property(tree, node, "dma-noncoherent", &length) != NULL) {
            return false;
        }
        node = tree->nodes[node].parent;
    }
    return node != TREE_NONE;
}

bool tree_is_below(const struct tree *tree, size_t node, size_t ancestor)
{
    return ancestor != TREE_NONE && node >= ancestor && node < tree->nodes[ancestor].end;
}

size_t tree_find_phandle(const struct tree *tree, uint32_t phandle)
{
    for (size_t i = 0; phandle != 0 && i < tree->node_count; i++) {
        if (tree->nodes[i].phandle == phandle) {
            return i;
        }
    }
    return TREE_NONE;
}

size_t tree_find_path(const struct tree *tree, const char *path)
{
    int length = (int)strcspn(path, ":");
    int offset = fdt_path_offset_namelen(tree->fdt, path, length);

    for (size_t i = 0; offset >= 0 && i < tree->node_count; i++) {
        if (tree->nodes[i].offset == offset) {
            return i;
        }
    }
    return TREE_NONE;
}

bool tree_range_overlaps(const struct tree_range *range, uint64_t start, uint64_t size)
{
    return start < range->start ? range->start - start < size : start - range->start < range->size;
}

static bool node_is_enabled(const struct tree *tree, size_t node)
{
    const char *status = tree_string(tree, node, "status");

    return status == NULL || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}

static void read_node(struct arena *arena, struct tree *tree, size_t index, int offset)
{
    struct tree_node *node = &tree->nodes[index];
    const struct tree_node *parent = node->parent == TREE_NONE ? NULL : &tree->nodes[node->parent];

    node->offset = offset;
    node->name = fdt_get_name(tree->fdt, offset, NULL);
    node->end = index + 1;
    node->interrupt_parent = TREE_NONE;
    node->phandle = fdt_get_phandle(tree->fdt, offset);
    node->address_cells = tree_cell(tree, index, "#address-cells", 2);
    node->size_cells = tree_cell(tree, index, "#size-cells", 1);
    node->enabled = node_is_enabled(tree, index) && (parent == NULL || parent->enabled);
    if (parent == NULL) {
        node->path = "/";
    } else {
        const char *above = node->parent == TREE_ROOT ? "" : parent->path;
        node->path = arena_printf(arena, "%s/%s", above, node->name);
    }
}

static size_t count_nodes(const void *blob)
{
    size_t count = 0;
    int depth = 0;

    for (int offset = 0; offset >= 0 && depth >= 0; offset = fdt_next_node(blob, offset, &depth)) {
        count++;
    }
    return count;
}

static void read_nodes(struct arena *arena, struct tree *tree)
{
    size_t path[BLOB_MAX_DEPTH + 1]; /* indexes of the node last seen at each depth */
    int depth = 0;
    int offset = 0;

    tree->nodes = arena_array(arena, count_nodes(tree->fdt), sizeof(*tree->nodes));
    for (; offset >= 0 && depth >= 0; offset = fdt_next_node(tree->fdt, offset, &depth)) {
        size_t index = tree->node_count++;
        path[depth] = index;
        tree->nodes[index].parent = depth == 0 ? TREE_NONE : path[depth - 1];
        read_node(arena, tree, index, offset);
    }
    for (size_t i = tree->node_count; i-- > 1;) {
        struct tree_node *parent = &tree->nodes[tree->nodes[i].parent];
        if (parent->end < tree->nodes[i].end) {
            parent->end = tree->nodes[i].end;
        }
    }
}

static void find_gic(struct tree *tree)
{
    tree->gic = TREE_NONE;
    for (size_t i = 0; i < tree->node_count && tree->gic == TREE_NONE; i++) {
        for (size_t k = 0; k < sizeof(gics) / sizeof(gics[0]); k++) {
            if (tree->nodes[i].enabled && tree_is_compatible(tree, i, gics[k].compatible)) {
                tree->gic = i;
                tree->gic_version = gics[k].version;
                break;
            }
        }
    }
}

static void check_phandles(const struct tree *tree, struct sdf_messages *messages)
{
    for (size_t i = 0; i < tree->node_count; i++) {
        size_t first = tree_find_phandle(tree, tree->nodes[i].phandle);
        if (first != TREE_NONE && first != i) {
            vmconf_error(messages, "%s: %s and %s have the same phandle", tree->file,
                         tree->nodes[first].path, tree->nodes[i].path);
        }
    }
}

struct tree *tree_parse(struct arena *arena, const void *blob, size_t size, const char *file,
                        struct sdf_messages *messages)
{
    size_t errors = messages->error_count;

    if (!blob_check(blob, size, file, messages)) {
        return NULL;
    }
    struct tree *tree = arena_alloc(arena, sizeof(*tree));
    tree->fdt = blob;
    tree->file = file;
    read_nodes(arena, tree);
    find_gic(tree);
    check_phandles(tree, messages);
    tree_decode_regs(arena, tree, messages);
    tree_decode_irqs(arena, tree, messages);
    return messages->error_count == errors ? tree : NULL;
}
