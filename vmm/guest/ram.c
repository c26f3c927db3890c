/* SPDX-License-Identifier: BSD-2-Clause */
/* See ram.h. */
#include "vmm/guest/ram.h"

#include <stdbool.h>
#include <stddef.h>

static bool has(const struct vm_config_ram *range, uint64_t ipa)
{
    return ipa >= range->ipa && ipa - range->ipa < range->size;
}

/* The range that has the address, or NULL. The first is where nearly all is; the others are in
 * order. */
static const struct vm_config_ram *find(const struct guest_ram *ram, uint64_t ipa)
{
    unsigned int first = 1;
    unsigned int end = ram->count;

    if (ram->count > 0 && has(&ram->ranges[0], ipa)) {
        return &ram->ranges[0];
    }
    while (first < end) {
        unsigned int middle = first + (end - first) / 2;

        if (has(&ram->ranges[middle], ipa)) {
            return &ram->ranges[middle];
        }
        if (ipa < ram->ranges[middle].ipa) {
            end = middle;
        } else {
            first = middle + 1;
        }
    }
    return NULL;
}

void *guest_ram_run(const struct guest_ram *ram, uint64_t ipa, uint64_t *size)
{
    const struct vm_config_ram *range = find(ram, ipa);
    uint64_t offset;

    if (range == NULL || range->vaddr == 0) {
        return NULL;
    }
    offset = ipa - range->ipa;
    if (*size > range->size - offset) {
        *size = range->size - offset;
    }
    return (void *)(uintptr_t)(range->vaddr + offset);
}

void *guest_ram_at(const struct guest_ram *ram, uint64_t ipa, uint64_t size)
{
    uint64_t run = size;
    void *start = guest_ram_run(ram, ipa, &run);

    return run == size ? start : NULL;
}
