/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock that a VMM emulates after the board's, which several guests then share. */
#ifndef SLUICE_TOOL_VMCONF_CLOCK_H
#define SLUICE_TOOL_VMCONF_CLOCK_H

#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/guest.h"

/* If the VMM has the board's PL031 under the symbol rtc_vaddr, the guest gets one, at the same
 * address if that is free; fills in rtc_ipa and emulated. */
void clock_place(struct guest *guest);

/* Writes its node below the root, which is open. */
void clock_write(struct guest *guest, struct fdt_writer *writer, const char *name);

#endif
