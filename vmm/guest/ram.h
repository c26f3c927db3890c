/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's RAM as the VMM maps it. Addresses that a guest names become pointers here and nowhere
 * else.
 */
#ifndef SLUICE_VMM_GUEST_RAM_H
#define SLUICE_VMM_GUEST_RAM_H

#include <stdint.h>

#include "vmm/vm_config.h"

/* As in struct vm_config: the first range, and others in the order of their ipa. */
struct guest_ram {
    const struct vm_config_ram *ranges;
    unsigned int count;
};

/* [ipa, ipa + size), all of it in one range that the VMM maps; otherwise NULL. */
void *guest_ram_at(const struct guest_ram *ram, uint64_t ipa, uint64_t size);
/* What begins at `ipa`: `*size` becomes less where the range ends before. NULL: nothing does. */
void *guest_ram_run(const struct guest_ram *ram, uint64_t ipa, uint64_t *size);

#endif
