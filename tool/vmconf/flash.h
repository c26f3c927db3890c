/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NOR flash of the board. A node of it may stand for several banks, an entry of its reg each, which
 * are chips of their own: a guest can have some of them.
 */
#ifndef SLUICE_TOOL_VMCONF_FLASH_H
#define SLUICE_TOOL_VMCONF_FLASH_H

#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/guest.h"

/* Whether a node of the board is flash whose banks go one by one. */
bool flash_has_banks(const struct tree *tree, size_t node);

/* Whether a bank of such a node may be missing: no map of the guest's registers touches it, and it
 * has another one. */
bool flash_bank_is_absent(const struct guest *guest, size_t node, size_t bank);

/* Writes the reg of the guest's node: the banks that it has. */
void flash_write_reg(const struct guest *guest, struct fdt_writer *writer, size_t node);

#endif
