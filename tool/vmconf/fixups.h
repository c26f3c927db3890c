/* SPDX-License-Identifier: BSD-2-Clause */
/* The sanity of an overlay's phandle fixups. */
#ifndef SLUICE_TOOL_VMCONF_FIXUPS_H
#define SLUICE_TOOL_VMCONF_FIXUPS_H

#include <stdbool.h>

/*
 * Whether each place that /__fixups__ and /__local_fixups__ name is one cell inside a property of
 * the overlay. libfdt (1.6 and 1.7) writes to such places without looking. The blob has passed
 * blob_check().
 */
bool fixups_are_sound(const void *overlay);

#endif
