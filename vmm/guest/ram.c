/* SPDX-License-Identifier: BSD-2-Clause */
/* See ram.h. */
#include "vmm/guest/ram.h"

#include <stddef.h>

void *guest_ram_run(const struct guest_ram *ram, uint64_t ipa, uint64_t *size)
{
    for (unsigned int i = 0; i < ram->count; i++) {
        const struct vm_config_ram *range = &ram->ranges[i];

        if (range->vaddr != 0 && ipa >= range->ipa && ipa - range->ipa < range->size) {
            uint64_t offset = ipa - range->ipa;

            if (*size > range->size - offset) {
                *size = range->size - offset;
            }
            return (void *)(uintptr_t)(range->vaddr + offset);
        }
    }
    return NULL;
}

void *guest_ram_at(const struct guest_ram *ram, uint64_t ipa, uint64_t size)
{
    uint64_t run = size;
    void *start = guest_ram_run(ram, ipa, &run);

    return run == size ? start : NULL;
}
