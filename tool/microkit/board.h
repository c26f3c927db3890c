/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an SDK directory says about a board: its device tree (elf/board.dtb), and elf/board.conf
 * for what the tree does not say.
 */
#ifndef SLUICE_TOOL_MICROKIT_BOARD_H
#define SLUICE_TOOL_MICROKIT_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"
#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"

#define BOARD_MAX_FRAMES 16
#define BOARD_MAX_BANKS  16
#define BOARD_MAX_ECAMS  8
#define BOARD_MAX_MAPS   4

/* Ids by which an ITS knows functions: those from `first` on, bus << 8 | device << 3 | function,
 * have the ids from `id` on. */
struct board_map {
    uint32_t first;
    uint32_t count;
    uint32_t id;
};

/* Configuration space of PCI functions whose messages go to the ITS, a page each. */
struct board_ecam {
    uint64_t start;
    uint64_t size;
    uint32_t first_bus;
    uint32_t mask; /* of function numbers, before they are looked up */
    struct board_map maps[BOARD_MAX_MAPS];
    unsigned int map_count;
};

struct board {
    uint64_t load_address;
    uint64_t ram_start; /* of the bank that holds the load address */
    uint64_t ram_end;
    uint64_t reserve_start; /* RAM that is never handed out: for regions with a phys_addr */
    uint64_t reserve_end;
    bool has_debug_console;
    bool is_benchmark;
    uint32_t firmware_calls[ABI_MAX_FIRMWARE_CALLS]; /* that programs may make */
    unsigned int firmware_call_count;
    struct sdf_range banks[BOARD_MAX_BANKS]; /* of RAM */
    struct sdf_range reserved[BOARD_MAX_BANKS];
    struct sdf_frame frames[BOARD_MAX_FRAMES]; /* of the interrupt controller */
    struct sdf_board bounds;                   /* for tool/sdf; points into this struct */
    uint64_t its;                              /* registers of the GICv3's ITS; 0: there is none */
    uint32_t msi_first; /* with an ITS: INTIDs that messages have, and no device … */
    uint32_t msi_count; /* … as many; 0: none */
    struct board_ecam ecams[BOARD_MAX_ECAMS];
    unsigned int ecam_count;
    struct image_machine machine; /* ram_start and ram_end are the image's, set later */
};

/* False after a message. `directory` is the SDK's board/<board>/<config>. */
bool board_read(struct arena *arena, const char *directory, struct board *board);

/* Whether an interrupt is one that the ITS makes of a message: an LPI. */
bool board_is_message(const struct board *board, const struct sdf_irq *irq);

#endif
