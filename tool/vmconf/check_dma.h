/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest's devices reach by DMA, and whether it may be so. */
#ifndef SLUICE_TOOL_VMCONF_CHECK_DMA_H
#define SLUICE_TOOL_VMCONF_CHECK_DMA_H

#include "tool/vmconf/guest.h"

/* Devices that no SMMU confines need RAM that is mapped 1:1; on a board with SMMUs, the user's word
 * as well. Of the tree that came out. */
void check_dma(struct guest *guest);

#endif
