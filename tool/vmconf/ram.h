/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's RAM: the pieces that the description maps, and the ranges that they make. */
#ifndef SLUICE_TOOL_VMCONF_RAM_H
#define SLUICE_TOOL_VMCONF_RAM_H

#include "tool/vmconf/guest.h"

/* Fills in ram[] and ranges[]; after roles_read(). Reports what is no RAM, and too many ranges. */
void ram_read(struct guest *guest);

/* In the order of addresses in the guest. */
void ram_sort(const struct guest_map **maps, size_t count);

#endif
