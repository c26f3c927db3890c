/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of a board share: questions to its device tree. Private to board*.c. */
#ifndef SLUICE_TOOL_MICROKIT_BOARD_TREE_H
#define SLUICE_TOOL_MICROKIT_BOARD_TREE_H

#include <libfdt.h>

#include "tool/microkit/board.h"
#include "tool/microkit/board_conf.h"

#define BOARD_PPI_BASE  16
#define BOARD_PPI_COUNT 16
#define BOARD_TIMER     "arm,armv8-timer"

struct reading {
    struct board *board;
    struct board_conf conf;
    const void *tree;
    const char *path;
    const char *conf_path;
    struct arena *arena;
    struct sdf_range *devices; /* that board->bounds.devices points to */
    int gic;                   /* node */
    bool failed;
};

/* A message that names the file; the reading goes on, for what else is wrong. */
void board_fail(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* `count` cells, 1 or 2, as one number. */
uint64_t board_cells(const fdt32_t *cells, int count);
bool board_is_cell_count(int count);
/* A property of one cell; `otherwise` when it is not there. */
uint32_t board_cell(const struct reading *reading, int node, const char *name, uint32_t otherwise);
/* Entry `index` of a node's reg, as the CPU sees it. */
bool board_reg(const struct reading *reading, int node, int index, uint64_t *start, uint64_t *size);
/* Entry `index` of a bus's ranges, where the CPU sees it. */
bool board_window(const struct reading *reading, int node, int index, uint64_t *start,
                  uint64_t *size);
/* The first node that is compatible with one of a list, by the list's order; -1: none. */
int board_compatible(const struct reading *reading, const char *const *list);
/* The INTID of a PPI in a three-cell GIC interrupt specifier. */
bool board_ppi(const struct reading *reading, int node, int index, uint32_t *intid);

/* board_gic.c: frames and interrupts. */
void board_read_gic(struct reading *reading);
/* After the timers and the GIC are known. */
void board_read_interrupts(struct reading *reading);

/* board_its.c: the ITS, and whose messages it gets. After the GIC. */
void board_read_its(struct reading *reading);

#endif
