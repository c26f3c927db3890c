/* SPDX-License-Identifier: BSD-2-Clause */
/* The VMM's configuration. */
#ifndef SLUICE_TOOL_VMCONF_CONFIG_H
#define SLUICE_TOOL_VMCONF_CONFIG_H

#include "tool/vmconf/guest.h"

/*
 * Fills in config, in the byte order of the target; after checks_guest(), without errors so far.
 * `is_only` says that the description has no other virtual machine.
 */
void config_fill(struct guest *guest, bool is_only);

#endif
