/* SPDX-License-Identifier: BSD-2-Clause */
/* What vmconf tells people: vmconf.txt, and notes on stderr. */
#ifndef SLUICE_TOOL_VMCONF_REPORT_H
#define SLUICE_TOOL_VMCONF_REPORT_H

#include <stdio.h>

#include "tool/vmconf/guest.h"

/* One guest's section of the report. */
void report_write(const struct guest *guest, FILE *file);

/* Lines on stderr: devices whose DMA nothing confines, functions that may not be resettable. */
void report_notes(const struct guest *guest);

#endif
