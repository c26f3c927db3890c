/* SPDX-License-Identifier: BSD-2-Clause */
/* The check that no page of registers is without a device. */
#ifndef SLUICE_TOOL_VMCONF_CHECK_PAGES_H
#define SLUICE_TOOL_VMCONF_CHECK_PAGES_H

#include "tool/vmconf/guest.h"

/* Each page of registers that is mapped into the guest holds a device that its tree has. */
void check_device_pages(struct guest *guest);

#endif
