/* SPDX-License-Identifier: BSD-2-Clause */
/* The console multiplexer at the other side of a VMM's region and channel, if there is one. */
#ifndef SLUICE_TOOL_VMCONF_MULTIPLEXER_H
#define SLUICE_TOOL_VMCONF_MULTIPLEXER_H

#include "tool/vmconf/guest.h"

/* Fills in console_map and console_end from the VMM's symbols, and checks them. */
void multiplexer_find(struct guest *guest);

/* Whether the description gives the VMM a multiplexer, rightly or not. */
bool multiplexer_is_there(const struct guest *guest);

/* The protection domain at the other end of the channel. */
const struct sdf_pd *multiplexer_pd(const struct guest *guest);

#endif
