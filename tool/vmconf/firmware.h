/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests that start firmware instead of a kernel. */
#ifndef SLUICE_TOOL_VMCONF_FIRMWARE_H
#define SLUICE_TOOL_VMCONF_FIRMWARE_H

#include "tool/vmconf/guest.h"

/* Refuses firmware that the guest does not have mapped or that is none, and maps that look like
 * firmware and are not named as such; fills in load and firmware_place if
 * there is firmware. After roles_read(). */
void firmware_place(struct guest *guest);

#endif
