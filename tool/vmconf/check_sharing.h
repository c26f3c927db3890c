/* SPDX-License-Identifier: BSD-2-Clause */
/* The check that each page has one owner. */
#ifndef SLUICE_TOOL_VMCONF_CHECK_SHARING_H
#define SLUICE_TOOL_VMCONF_CHECK_SHARING_H

#include "tool/vmconf/guest.h"

/* No page belongs to two guests or two regions, RAM or registers. After all guests' maps_read(). */
void check_sharing(const struct guest *guests, size_t guest_count);

#endif
