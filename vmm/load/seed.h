/* SPDX-License-Identifier: BSD-2-Clause */
/* Seeds in the guest's device tree: /chosen's kaslr-seed and rng-seed, new ones at each start. */
#ifndef SLUICE_VMM_LOAD_SEED_H
#define SLUICE_VMM_LOAD_SEED_H

#include <stdint.h>

#include "vmm/vm_config.h"

/* Makes a property of the room that vmconf left in the tree, `tree_size` bytes long, with a random
 * value of `size` bytes (a multiple of 4, at most 32). Where there are no random numbers, or no
 * room, the property stays away. */
void seed_write(const struct vm_config_seed *seed, uint32_t size, uint8_t *tree,
                uint64_t tree_size);

#endif
