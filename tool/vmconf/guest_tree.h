/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing the guest's device tree, before its overlay. */
#ifndef SLUICE_TOOL_VMCONF_GUEST_TREE_H
#define SLUICE_TOOL_VMCONF_GUEST_TREE_H

#include "tool/vmconf/guest.h"

/*
 * Fills in fdt and labels; after select_nodes() and load_place(), without errors so far. The tree
 * has /__symbols__ and an empty /sluice, which overlay_finish() removes.
 */
void guest_tree_write(struct guest *guest);

#endif
