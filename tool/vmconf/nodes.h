/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes of the guest's tree and their labels, for guest_tree.c and emulate_tree.c. libfdt wants
 * labelled nodes to have phandles, so that those without get fresh ones.
 */
#ifndef SLUICE_TOOL_VMCONF_NODES_H
#define SLUICE_TOOL_VMCONF_NODES_H

#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/guest.h"

uint32_t nodes_fresh_phandle(struct guest *guest);

/* Labels the open node. A label that is taken is dropped: the first node keeps it. */
void nodes_add_label(struct guest *guest, const struct fdt_writer *writer, const char *label);

/* The label of a node that has a name only: "pl011@9000000" becomes pl011_9000000. */
const char *nodes_label_of(struct guest *guest, const char *name);

/* Opens a node that is no copy; returns its phandle. */
uint32_t nodes_begin(struct guest *guest, struct fdt_writer *writer, const char *name,
                     const char *label);

#endif
