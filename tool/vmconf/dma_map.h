/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests' devices reach by DMA, for programs (scripts/dma_map.py): a line for each range that
 * a device reaches, of fields with tabs between them:
 *
 *   guest, device, SMMU, StreamID, "ram" or "doorbell", start, size, region or "-"
 *
 * and for a device that no SMMU confines one of three: guest, device, "-".
 */
#ifndef SLUICE_TOOL_VMCONF_DMA_MAP_H
#define SLUICE_TOOL_VMCONF_DMA_MAP_H

#include <stdio.h>

#include "tool/vmconf/vmconf.h"

void dma_map_write(const struct vmconf_result *result, FILE *file);

#endif
