/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the VMM's regions are the guest's kernel, initrd, device tree and RAM. */
#ifndef SLUICE_TOOL_VMCONF_ROLES_H
#define SLUICE_TOOL_VMCONF_ROLES_H

#include "tool/vmconf/guest.h"

/* Fills in is_stock, kernel, initrd, dtb, and ram_map; after maps_read(). */
void roles_read(struct guest *guest);

/* Whether a prefill path is what vmconf itself writes for some guest of the description. */
bool roles_is_own_output(const struct sdf *sdf, const char *prefill_path);

#endif
