/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions about the finished tree's device nodes, for checks, configuration and report. */
#ifndef SLUICE_TOOL_VMCONF_DEVICES_H
#define SLUICE_TOOL_VMCONF_DEVICES_H

#include "tool/vmconf/guest.h"

/* A node of guest->tree with registers that are a passed-through device's: no memory, nothing
 * emulated. */
bool devices_has(const struct guest *guest, size_t node);

/* Whether it can reach memory by itself: all but the few that are known not to. */
bool devices_masters_dma(const struct guest *guest, size_t node);

enum vm_config_device_kind devices_kind(const struct guest *guest, size_t node);

#endif
