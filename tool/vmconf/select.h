/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the board's nodes a guest gets. */
#ifndef SLUICE_TOOL_VMCONF_SELECT_H
#define SLUICE_TOOL_VMCONF_SELECT_H

#include "tool/vmconf/guest.h"

/* Fills in choices; after maps_read(). Reports references that the guest could not follow. */
void select_nodes(struct guest *guest);

bool select_is_kept(const struct guest *guest, size_t node);

/* Whether a property of a kept node is left out because its controller stays with the host. */
bool select_drops_property(const struct guest *guest, size_t node, const char *property);

/* The PD's <irq> for an INTID, or NULL. */
const struct sdf_irq *select_find_irq(const struct sdf_pd *pd, uint32_t intid);

#endif
