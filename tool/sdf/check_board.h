/* SPDX-License-Identifier: BSD-2-Clause */
/* What a description asks of the machine, held against the board. Called by check.c. */
#ifndef SLUICE_TOOL_SDF_CHECK_BOARD_H
#define SLUICE_TOOL_SDF_CHECK_BOARD_H

#include "tool/sdf/read.h"

void check_board(struct reader *reader);
/* What is allowed, and hardly meant. */
void warn_of_board(struct reader *reader);

#endif
