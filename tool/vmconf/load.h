/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the guest's images go in its RAM. */
#ifndef SLUICE_TOOL_VMCONF_LOAD_H
#define SLUICE_TOOL_VMCONF_LOAD_H

#include "tool/vmconf/guest.h"

#define LOAD_DTB_ROOM 0x200000u /* Linux takes no device tree larger than 2 MiB */

/* Fills in load, from the kernel's header and the images' sizes; after roles_read(). Refuses what
 * is no bootable image and what does not fit. */
void load_place(struct guest *guest);

#endif
