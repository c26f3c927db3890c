/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf/board.conf: lines "key = number", '#' starts a comment; boards/README.md says what the keys
 * mean.
 */
#ifndef SLUICE_TOOL_MICROKIT_BOARD_CONF_H
#define SLUICE_TOOL_MICROKIT_BOARD_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/limits.h"

/* A firmware call that programs with smc="true" may make. */
struct board_conf_call {
    uint32_t function;
    unsigned int line; /* of the file, for messages */
};

struct board_conf {
    uint64_t load_address;
    uint64_t ram_end; /* of machines that have more than the tree's; 0: none has */
    uint64_t reserve_start;
    uint64_t reserve_size;
    uint64_t cpu_count;
    uint64_t intids;    /* of the interrupt controller, SGIs and PPIs among them */
    uint64_t msi_first; /* those of them that a GICv2m frame raises: vmconf's business */
    uint64_t msi_count;
    uint64_t further_start; /* registers that the tree need not have */
    uint64_t further_size;
    uint64_t debug_console; /* 0 or 1 */
    uint64_t benchmark;     /* 0 or 1 */
    uint64_t gich;          /* 0: the tree has it */
    uint64_t gicv;
    struct board_conf_call calls[ABI_MAX_FIRMWARE_CALLS];
    unsigned int call_count;
};

/* `text` is changed. False after a message that names `path` and the line. */
bool board_conf_read(const char *path, char *text, struct board_conf *conf);

#endif
