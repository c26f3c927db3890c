/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf/board.conf: lines "key = number", '#' starts a comment. The load address, RAM that is kept
 * for regions with a phys_addr, what sets a configuration apart from others, and GICv2 frames that
 * some trees lack.
 */
#ifndef SLUICE_TOOL_MICROKIT_BOARD_CONF_H
#define SLUICE_TOOL_MICROKIT_BOARD_CONF_H

#include <stdbool.h>
#include <stdint.h>

struct board_conf {
    uint64_t load_address;
    uint64_t reserve_start;
    uint64_t reserve_size;
    uint64_t cpu_count;
    uint64_t debug_console; /* 0 or 1 */
    uint64_t benchmark;     /* 0 or 1 */
    uint64_t gich;          /* 0: the tree has it */
    uint64_t gicv;
};

/* `text` is changed. False after a message that names `path` and the line. */
bool board_conf_read(const char *path, char *text, struct board_conf *conf);

#endif
