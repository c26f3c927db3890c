/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bits for the guest, from the kernel (MICROKIT_HAS_RANDOM). By the contract alone there are
 * none: memory that no other guest has is zeroed or the last guest's, and no device is the VMM's.
 */
#ifndef SLUICE_VMM_RANDOM_H
#define SLUICE_VMM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#define RANDOM_WORDS 4 /* of 64 bits */

/* False: there are none on this machine, or with this SDK, and `number` is left as it is. */
bool random_draw(uint64_t number[RANDOM_WORDS]);

#endif
