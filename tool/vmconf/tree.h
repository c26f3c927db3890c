/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device tree as a table of nodes, with what vmconf asks of them decoded: registers as the CPU
 * addresses them, interrupts as INTIDs. Used twice, on the board's tree and on the guest's own
 * after its overlay. Both are outside input: tree_parse() checks whatever it touches.
 *
 * Specification: Devicetree Specification 0.4; interrupt specifiers: Linux's arm,gic binding.
 */
#ifndef SLUICE_TOOL_VMCONF_TREE_H
#define SLUICE_TOOL_VMCONF_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"

#define TREE_NONE SIZE_MAX /* "no such node" */
#define TREE_ROOT 0u
struct tree_range {
    uint64_t start;
    uint64_t size; /* never 0; start + size does not overflow */
};

struct tree_irq {
    uint32_t intid;
    bool edge;
};

struct tree_node {
    int offset; /* in the blob */
    const char *name;
    const char *path;
    size_t parent;          /* TREE_NONE: the root */
    size_t end;             /* [index, end) is the node with its descendants */
    uint32_t phandle;       /* 0: none */
    uint32_t address_cells; /* of its children */
    uint32_t size_cells;
    bool enabled;            /* and its ancestors are */
    bool has_reg;            /* in whatever address space */
    struct tree_range *regs; /* where the CPU sees them; none if it does not */
    size_t reg_count;
    struct tree_irq *irqs; /* those that arrive at the GIC directly */
    size_t irq_count;
    size_t interrupt_parent; /* of "interrupts", if that is another controller; else TREE_NONE */
};

struct tree {
    const void *fdt;
    const char *file; /* for messages */
    struct tree_node *nodes;
    size_t node_count;
    size_t gic; /* TREE_NONE: none */
    unsigned int gic_version;
};

/* Returns NULL, with messages, when anything that it decodes is malformed. The blob stays in use.
 */
struct tree *tree_parse(struct arena *arena, const void *blob, size_t size, const char *file,
                        struct sdf_messages *messages);

/* A property's value and length in bytes; NULL: the node has none of that name. */
const void *tree_property(const struct tree *tree, size_t node, const char *name, int *length);
/* One cell; `otherwise` when there is none or it is not one cell long. */
uint32_t tree_cell(const struct tree *tree, size_t node, const char *name, uint32_t otherwise);
/* A property's value when it is a terminated string, or NULL. */
const char *tree_string(const struct tree *tree, size_t node, const char *name);
bool tree_is_compatible(const struct tree *tree, size_t node, const char *compatible);
bool tree_is_memory(const struct tree *tree, size_t node);
/* Whether the caches follow what a device reads and writes: it, or a bus above it, says so. */
bool tree_is_coherent(const struct tree *tree, size_t node);
/* Whether `node` is `ancestor` or below it. */
bool tree_is_below(const struct tree *tree, size_t node, size_t ancestor);

size_t tree_find_phandle(const struct tree *tree, uint32_t phandle);
/* By path, an alias in front and ":options" behind allowed as in stdout-path. */
size_t tree_find_path(const struct tree *tree, const char *path);

/* From addresses below `bus` to the CPU's, through each bus's "ranges"; false: it cannot see them.
 */
bool tree_translate(const struct tree *tree, size_t bus, struct tree_range *range);
/* The three cells of a GIC's interrupt specifier; false: they are none. */
bool tree_read_specifier(const void *cells, struct tree_irq *irq);

bool tree_range_overlaps(const struct tree_range *range, uint64_t start, uint64_t size);

#endif
