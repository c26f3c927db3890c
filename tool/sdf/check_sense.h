/* SPDX-License-Identifier: BSD-2-Clause */
/* What is allowed, and hardly meant: warnings. Called by check.c for a description without errors.
 */
#ifndef SLUICE_TOOL_SDF_CHECK_SENSE_H
#define SLUICE_TOOL_SDF_CHECK_SENSE_H

#include "tool/sdf/read.h"

void warn_of_nonsense(struct reader *reader);

#endif
