/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware calls for programs with smc="true". The second shut door (design.md, decision 3): what
 * goes to the firmware is a list - versions, features, SYSTEM_OFF, SYSTEM_RESET and SYSTEM_RESET2,
 * and what the board's file names. Everything else is answered NOT_SUPPORTED: no number, of any
 * PSCI, that would start or resume code at EL2 or take a core away is ever asked for.
 */
#ifndef SLUICE_KERNEL_TRAP_FIRMWARE_H
#define SLUICE_KERNEL_TRAP_FIRMWARE_H

#include <stdint.h>

#include "abi/image.h"

/* At boot: the calls of the board's own, which stay where they are. */
void firmware_init(const struct image_firmware_call *calls, uint32_t count);
/* x0..x7 in, x0..x7 out, in `words`. */
void firmware_call(uint64_t *words);

#endif
