/* SPDX-License-Identifier: BSD-2-Clause */
/* Flash that the VMM emulates: memory of the guest's own, which answers commands. */
#ifndef SLUICE_TOOL_VMCONF_FLASH_EMULATED_H
#define SLUICE_TOOL_VMCONF_FLASH_EMULATED_H

#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/guest.h"

/* Refuses what cannot be the guest's flash; fills in flash and emulated if there is one. After
 * roles_read(). */
void flash_emulated_place(struct guest *guest);

/* Writes its node; the parent is open. */
void flash_emulated_write(struct guest *guest, struct fdt_writer *writer, const char *name);

#endif
