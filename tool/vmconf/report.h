/* SPDX-License-Identifier: BSD-2-Clause */
/* What vmconf tells people: vmconf.txt, and notes on stderr. */
#ifndef SLUICE_TOOL_VMCONF_REPORT_H
#define SLUICE_TOOL_VMCONF_REPORT_H

#include <stdio.h>

#include "tool/vmconf/guest.h"

/* One guest's section of the report. */
void report_write(const struct guest *guest, FILE *file);

/* One line on stderr for each device whose DMA nothing confines. */
void report_dma(const struct guest *guest);

#endif
