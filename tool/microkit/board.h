/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an SDK directory says about a board: its device tree (elf/board.dtb), and elf/board.conf
 * for what no tree says.
 */
#ifndef SLUICE_TOOL_MICROKIT_BOARD_H
#define SLUICE_TOOL_MICROKIT_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"
#include "tool/sdf/arena.h"

struct board {
    uint64_t load_address;
    uint64_t ram_start;
    uint64_t ram_end;
    uint64_t reserve_start; /* RAM that is never handed out: for regions with a phys_addr */
    uint64_t reserve_end;
    bool has_debug_console;
    struct image_machine machine; /* ram_start and ram_end are the image's, set later */
};

/* False after a message. `directory` is the SDK's board/<board>/<config>. */
bool board_read(struct arena *arena, const char *directory, struct board *board);

#endif
