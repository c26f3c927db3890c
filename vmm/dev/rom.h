/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that the guest reads and executes directly and cannot write: writes are ignored, as a ROM
 * does. Firmware that runs in place relies on it: EDK2's first modules write to variables of
 * theirs.
 */
#ifndef SLUICE_VMM_DEV_ROM_H
#define SLUICE_VMM_DEV_ROM_H

#include "vmm/dev/mmio_bus.h"

/* No context. Only writes arrive here. */
extern const struct mmio_ops rom_ops;

#endif
