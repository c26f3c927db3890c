/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PCI host bridge of the board, of the generic kind: its ECAM, its windows, where its INTx lines
 * arrive, the GICv2m frame of its functions, and which streams of an IOMMU's their DMA is.
 *
 * PCI Bus Binding to IEEE Std 1275; Linux's bindings host-generic-pci, arm,gic-v2m-frame and
 * pci-iommu. What the frame's vectors are its registers say (MSI_TYPER), and the tree only
 * sometimes.
 */
#ifndef SLUICE_TOOL_VMCONF_BRIDGE_H
#define SLUICE_TOOL_VMCONF_BRIDGE_H

#include "tool/vmconf/tree.h"

#define BRIDGE_BUS_SHIFT      20u /* of ECAM: a bus has 1 MiB */
#define BRIDGE_FUNCTION_SHIFT 12u /* and a function 4 KiB */
#define BRIDGE_PINS           4u  /* INTA to INTD */
#define BRIDGE_ADDRESS_CELLS  3u

#define BRIDGE_DOORBELL 0x40u /* MSI_SETSPI_NS, or GITS_TRANSLATER, in the MSI frame */

enum bridge_space { /* bits 25:24 of an address's first cell */
    BRIDGE_CONFIGURATION,
    BRIDGE_IO,
    BRIDGE_MEMORY_32,
    BRIDGE_MEMORY_64,
};

struct bridge_window {
    uint32_t flags; /* the first cell */
    uint64_t pci;   /* where it begins on the bus */
    struct tree_range range;
};

struct bridge_line { /* an entry of interrupt-map that leads to the GIC */
    uint32_t address[BRIDGE_ADDRESS_CELLS];
    uint32_t pin;
    struct tree_irq irq;
};

struct bridge_msi {
    size_t node; /* a GICv2m frame, or an ITS; TREE_NONE: there is none */
    bool is_its;
    bool is_for_nothing;     /* nobody makes interrupts of its messages */
    struct tree_range frame; /* where functions write; the guest sees a GICv2m frame there */
    uint32_t first;          /* INTIDs [first, first + count); count 0: not known */
    uint32_t count;
};

struct bridge_streams { /* an entry of iommu-map */
    uint32_t first; /* requester IDs [first, first + count): bus << 8 | device << 3 | function */
    uint32_t count;
    uint32_t id; /* stream of `first`; the others' follow it */
    size_t node; /* the IOMMU */
};

struct bridge {
    size_t node;
    struct tree_range ecam; /* its first page is that of the first bus */
    uint32_t first_bus;
    uint32_t bus_count;
    struct bridge_window *windows;
    size_t window_count;
    uint32_t line_mask[BRIDGE_ADDRESS_CELLS + 1];
    struct bridge_line *lines;
    size_t line_count;
    struct bridge_msi msi;
    uint32_t stream_mask; /* of requester IDs, before they are looked up */
    struct bridge_streams *streams;
    size_t stream_count;
    bool is_coherent; /* its functions' DMA, with the caches */
};

/* The bridges of a tree in *count, an array in the arena; reports what is malformed of them. */
struct bridge *bridge_read_all(struct arena *arena, const struct tree *tree, size_t *count,
                               struct sdf_messages *messages);

enum bridge_space bridge_space(const struct bridge_window *window);
/* Whether it holds memory that functions see where the CPU does, so that BARs may lie in it. */
bool bridge_takes_bars(const struct bridge_window *window);

/* Where a pin (1: INTA) of a device of the first bus arrives; NULL: nowhere, or not the same for
 * all of its functions. */
const struct tree_irq *bridge_find_line(const struct bridge *bridge, uint32_t device, uint32_t pin);
/* Whether an INTID is one of its lines. */
bool bridge_has_line(const struct bridge *bridge, uint32_t intid);
/* The IOMMU that a function's DMA goes through, and its stream there; TREE_NONE: through none. */
size_t bridge_find_stream(const struct bridge *bridge, uint32_t requester, uint32_t *id);
/* Whether an INTID is one of its MSI frame's. */
bool bridge_has_vector(const struct bridge *bridge, uint32_t intid);

#endif
