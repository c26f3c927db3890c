/* SPDX-License-Identifier: BSD-2-Clause */
/* What tool/sdf holds the description against, of the board's tree. */
#ifndef SLUICE_TOOL_VMCONF_BOUNDS_H
#define SLUICE_TOOL_VMCONF_BOUNDS_H

#include "tool/vmconf/board.h"

/* `intid_count` is what no tree says; 0: known if the board is. The result is in the arena. */
const struct sdf_board *bounds_of(struct arena *arena, const struct board *board,
                                  uint32_t intid_count);

#endif
