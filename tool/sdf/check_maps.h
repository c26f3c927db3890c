/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules of address spaces and of the symbols that the description fills in. */
#ifndef SLUICE_TOOL_SDF_CHECK_MAPS_H
#define SLUICE_TOOL_SDF_CHECK_MAPS_H

#include "tool/sdf/read.h"

/* Chooses the page size of regions that leave it open, then checks alignment, overlap and the
 * ends of every address space. */
void check_maps(struct reader *reader);
/* No symbol of a PD's program is set twice. */
void check_setvars(struct reader *reader, size_t pd);

#endif
