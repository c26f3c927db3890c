/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vmconf knows of the board from its device tree: RAM, interrupt controller, timer, cores,
 * PCI host bridges, SMMUs and which node is its console. Read once; shared by all guests.
 */
#ifndef SLUICE_TOOL_VMCONF_BOARD_H
#define SLUICE_TOOL_VMCONF_BOARD_H

#include "tool/vmconf/bridge.h"
#include "tool/vmconf/smmu_read.h"
#include "tool/vmconf/tree.h"

/* Frames in the order of the node's reg. */
enum gic_frame {
    GIC_FRAME_DISTRIBUTOR,
    GIC_FRAME_REDISTRIBUTORS,                 /* of a GICv3: the first region of them */
    GIC_FRAME_CPU = GIC_FRAME_REDISTRIBUTORS, /* of a GICv2, as the rest */
    GIC_FRAME_HYPERVISOR,
    GIC_FRAME_VIRTUAL_CPU,
    GIC_FRAME_COUNT,
};

/* The architected timer's interrupts, in the order of its node's. */
enum timer_interrupt {
    TIMER_SECURE,
    TIMER_PHYSICAL,
    TIMER_VIRTUAL,
    TIMER_HYPERVISOR,
    TIMER_HYPERVISOR_VIRTUAL, /* where the cores have VHE */
};

struct board {
    struct tree *tree;
    struct tree_range *memory;
    size_t memory_count;
    size_t timer;
    uint32_t virtual_timer_intid;
    size_t *cpus; /* nodes */
    size_t cpu_count;
    size_t console;              /* node of /chosen stdout-path, or TREE_NONE */
    const char *console_options; /* ":115200n8", or "" */
    struct bridge *bridges;
    size_t bridge_count;
    struct smmu *smmus;
    size_t smmu_count;
};

/* Returns NULL, with messages, when the tree is malformed or lacks what a guest needs. The blob
 * stays in use. */
struct board *board_read(struct arena *arena, const void *blob, size_t size, const char *file,
                         struct sdf_messages *messages);

/* The vectors of MSI frames and ITSs of which the tree says none: INTIDs [first, first + count).
 * `has_its`: the SDK makes interrupts of an ITS's messages. */
void board_set_vectors(struct board *board, uint32_t first, uint32_t count, bool has_its);

enum board_place {
    BOARD_PLACE_RAM,    /* inside the board's memory */
    BOARD_PLACE_DEVICE, /* outside of it, or over a device's registers */
    BOARD_PLACE_BOTH,   /* across the end of the board's memory */
};
enum board_place board_place(const struct board *board, uint64_t start, uint64_t size);

/* Whether a node is one that each guest gets its own of: memory, interrupt controller, cpus, … */
bool board_is_own(const struct board *board, size_t node);
/* Whether a node may be passed through by its registers. */
bool board_is_device(const struct board *board, size_t node);

/* Whether no node of the tree has registers or memory in it. */
bool board_is_empty(const struct board *board, uint64_t start, uint64_t size);

const struct tree_range *board_gic_frame(const struct board *board, enum gic_frame frame);

/* A virtio-mmio transport's number among the board's, by address: QEMU's virtio-mmio-bus.N.
 * SIZE_MAX for any other node. */
size_t board_transport_number(const struct board *board, size_t node);

#endif
