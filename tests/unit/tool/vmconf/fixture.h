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
#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/vmconf.h"

enum fixture_region {
    REGION_RAM,
    REGION_SERIAL,
    REGION_VIRTIO,
    REGION_GICV,
    REGION_KERNEL,
    REGION_INITRD,
    REGION_DTB,
    REGION_CONSOLE,
    REGION_COUNT,
};

enum fixture_map { /* of the VM; the VMM has RAM, serial, virtio, kernel, initrd, dtb */
    MAP_OF_RAM,
    MAP_OF_SERIAL,
    MAP_OF_VIRTIO,
    MAP_OF_GICV,
    VM_MAP_COUNT,
};

enum fixture_pd {
    PD_VMM,
    PD_SERIAL, /* the console multiplexer, if there is one */
    PD_COUNT,
};

#define PD_MAP_COUNT 6 /* and one of the console's region, if there is a multiplexer */
#define IRQ_COUNT    2 /* 33 serial, 48 the first transport */

struct fixture {
    struct arena arena;
    struct sdf_messages messages;
    struct board *board;
    struct sdf sdf;
    struct sdf_region regions[REGION_COUNT];
    struct sdf_pd pds[PD_COUNT];
    struct sdf_vm vm;
    struct sdf_vcpu vcpu;
    struct sdf_map vm_maps[VM_MAP_COUNT];
    struct sdf_map pd_maps[PD_MAP_COUNT + 1];
    struct sdf_map serial_map;
    struct sdf_channel channel;
    struct sdf_irq irqs[IRQ_COUNT];
    struct vmconf_extra extra;
    char kernel_path[64];
};

/* All messages since fixture_start(), a line each: "Error: <what> on '<tag>'" and so on. */
extern char fixture_messages[];

void fixture_start(struct fixture *fixture);
void fixture_end(struct fixture *fixture);

/* Gives the VMM a console multiplexer: PD_SERIAL, which shares REGION_CONSOLE with it. */
void fixture_add_multiplexer(struct fixture *fixture);
/* Takes the board's serial port away from the guest. */
void fixture_remove_serial(struct fixture *fixture);

/* Begins an overlay with a fragment for what is at `path`; the writer stands in its content. */
void fixture_start_overlay(struct fixture *fixture, struct fdt_writer *writer, const char *path);
/* Ends it and derives the guest with it. */
struct guest *fixture_derive_overlay(struct fixture *fixture, struct fdt_writer *writer);

/* The board's tree as a blob in the arena. */
void *fixture_board_blob(struct arena *arena, size_t *size);

/* Writes an arm64 Image header to the kernel's file. */
void fixture_write_kernel(struct fixture *fixture, uint64_t text_offset, uint64_t image_size,
                          uint64_t flags);

/* vmconf_derive() of the fixture's system: its only guest. */
struct guest *fixture_derive(struct fixture *fixture);

#endif
