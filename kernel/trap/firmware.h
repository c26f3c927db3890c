/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware calls for programs with smc="true". The second shut door (design.md, decision 3): PSCI
 * calls that would start or resume code at EL2, or take a core away, are answered DENIED.
 */
#ifndef SLUICE_KERNEL_TRAP_FIRMWARE_H
#define SLUICE_KERNEL_TRAP_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

/* x0..x7 in, x0..x7 out, in `words`. */
void firmware_call(uint64_t *words);
/* Whether a program may make this call; only the low 32 bits of x0 are the function id. */
bool firmware_allows(uint64_t function);

#endif
