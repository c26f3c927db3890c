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
    struct image_machine machine; /* ram_start and ram_end are the image's, set later */
};

/* False after a message. `directory` is the SDK's board/<board>/<config>. */
bool board_read(struct arena *arena, const char *directory, struct board *board);

#endif
