/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks that look at pages: none of registers without a device, none in two guests. */
#ifndef SLUICE_TOOL_VMCONF_CHECK_PAGES_H
#define SLUICE_TOOL_VMCONF_CHECK_PAGES_H

#include "tool/vmconf/guest.h"

/* Each page of registers that is mapped into the guest holds a device that its tree has. */
void check_device_pages(struct guest *guest);

/* No page belongs to two guests, RAM or registers. After all guests' maps_read(). */
void check_sharing(const struct guest *guests, size_t guest_count);

#endif
