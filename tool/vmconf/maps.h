/* SPDX-License-Identifier: BSD-2-Clause */
/* What a virtual machine's maps are, and questions about its address space. */
#ifndef SLUICE_TOOL_VMCONF_MAPS_H
#define SLUICE_TOOL_VMCONF_MAPS_H

#include "tool/vmconf/guest.h"

/* Fills in maps and gic_cpu; reports maps that no guest may have. */
void maps_read(struct guest *guest);

/* The first map of a region (its index) among some, or NULL. */
const struct sdf_map *maps_find(const struct sdf_map *maps, size_t count, size_t region);

/* The map that holds an address, or NULL. */
const struct guest_map *maps_at(const struct guest *guest, uint64_t ipa);

/* Whether [start, start + size) is mapped as registers, each page at its physical address. */
bool maps_cover_identically(const struct guest *guest, const struct tree_range *range);
/* Whether all of it is mapped, whatever it is. */
bool maps_cover(const struct guest *guest, const struct tree_range *range);
/* Whether a map of registers shares a page with it. */
bool maps_touch_device(const struct guest *guest, const struct tree_range *range);

/* Where the VMM's PD maps the registers that the guest has at `range`, writable; or 0. */
uint64_t maps_vmm_vaddr(const struct guest *guest, const struct tree_range *range);

#endif
