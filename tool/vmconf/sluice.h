/* SPDX-License-Identifier: BSD-2-Clause */
/* The overlay's node /sluice: what is meant for vmconf and the VMM rather than for the guest. */
#ifndef SLUICE_TOOL_VMCONF_SLUICE_H
#define SLUICE_TOOL_VMCONF_SLUICE_H

#include "tool/vmconf/guest.h"

/* From an overlay that overlay_check() found sound, before there is a tree: emulated devices have
 * to be in the tree that the overlay is applied to. Says nothing of what is wrong. */
void sluice_look_ahead(struct guest *guest, const void *overlay);

/* From the tree, after the overlay. Reports what is wrong. */
void sluice_read(struct guest *guest);

/* Whether the guest may start a second time: by itself, or by a command at the console. */
bool sluice_may_restart(const struct guest *guest);

/* Its node pci: sluice_pci.c. */
void sluice_read_pci(struct guest *guest, int node);
/* Its node devices: sluice_devices.c. */
void sluice_read_devices(struct guest *guest, int node);
/* Whether a property dma says so, the only thing that it can say. */
bool sluice_is_unconfined(const void *value, int length);
/* Reports the nodes below one of /sluice but for those of `known`, a list that ends with NULL. */
void sluice_refuse_nodes(struct guest *guest, int node, const char *const *known);

#endif
