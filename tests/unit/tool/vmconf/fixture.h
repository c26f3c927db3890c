/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of tool/vmconf share: a small board tree made with libfdt, the model of a system
 * like systems/passthrough, and the messages, caught instead of printed.
 */
#ifndef SLUICE_TESTS_UNIT_TOOL_VMCONF_FIXTURE_H
#define SLUICE_TESTS_UNIT_TOOL_VMCONF_FIXTURE_H

#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"
#include "tool/vmconf/board.h"
#include "tool/vmconf/vmconf.h"

enum fixture_region {
    REGION_RAM,
    REGION_SERIAL,
    REGION_VIRTIO,
    REGION_GICV,
    REGION_KERNEL,
    REGION_INITRD,
    REGION_DTB,
    REGION_COUNT,
};

enum fixture_map { /* of the VM; the VMM has RAM, serial, virtio, kernel, initrd, dtb */
    MAP_OF_RAM,
    MAP_OF_SERIAL,
    MAP_OF_VIRTIO,
    MAP_OF_GICV,
    VM_MAP_COUNT,
};

#define PD_MAP_COUNT 6
#define IRQ_COUNT    2 /* 33 serial, 48 the first transport */

struct fixture {
    struct arena arena;
    struct sdf_messages messages;
    struct board *board;
    struct sdf sdf;
    struct sdf_region regions[REGION_COUNT];
    struct sdf_pd pd;
    struct sdf_vm vm;
    struct sdf_vcpu vcpu;
    struct sdf_map vm_maps[VM_MAP_COUNT];
    struct sdf_map pd_maps[PD_MAP_COUNT];
    struct sdf_irq irqs[IRQ_COUNT];
    struct vmconf_extra extra;
    char kernel_path[64];
};

/* All messages since fixture_start(), a line each: "Error: <what> on '<tag>'" and so on. */
extern char fixture_messages[];

void fixture_start(struct fixture *fixture);
void fixture_end(struct fixture *fixture);

/* The board's tree as a blob in the arena. */
void *fixture_board_blob(struct arena *arena, size_t *size);

/* Writes an arm64 Image header to the kernel's file. */
void fixture_write_kernel(struct fixture *fixture, uint64_t text_offset, uint64_t image_size,
                          uint64_t flags);

/* vmconf_derive() of the fixture's system: its only guest. */
struct guest *fixture_derive(struct fixture *fixture);

#endif
