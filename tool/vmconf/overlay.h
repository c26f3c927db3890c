/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's overlay (<vm>.dtbo), the command line, and the removal of what is not the guest's. */
#ifndef SLUICE_TOOL_VMCONF_OVERLAY_H
#define SLUICE_TOOL_VMCONF_OVERLAY_H

#include "tool/vmconf/guest.h"

#define OVERLAY_MAX_SIZE 0x100000u

/* Whether it is one that libfdt may be let loose on; reports why not. `file` is for messages. */
bool overlay_check(struct guest *guest, const void *blob, size_t size, const char *file);

/* Applies to fdt what overlay_check() found sound. */
void overlay_apply(struct guest *guest, const void *blob, size_t size, const char *file);

/* After the overlay, or without one: the command line's bootargs, then reads and removes what is
 * vmconf's own in the tree (/sluice, /__symbols__), and packs it. */
void overlay_finish(struct guest *guest);

#endif
