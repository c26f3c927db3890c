/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzzers of virtio have in common: steps, and a guest that writes anything into its RAM.
 */
#ifndef SLUICE_TESTS_FUZZ_VIRTIO_GUEST_H
#define SLUICE_TESTS_FUZZ_VIRTIO_GUEST_H

#include <stdlib.h>
#include <string.h>

#include "tests/unit/vmm/virtio/driver.h"

struct step {
    uint8_t kind;
    uint8_t size;
    uint16_t offset;
    uint32_t value;
} __attribute__((packed));

static inline void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

/* Most of it where rings are. */
static inline void guest_writes_ram(const struct step *step)
{
    static const uint64_t parts[] = {0, 0, DRIVER_AVAIL, DRIVER_USED};
    unsigned int queue = step->offset >> 15;
    uint64_t ipa = DRIVER_QUEUE(queue) + parts[step->size % 4] + (step->offset & 0xff);

    memcpy(driver_pointer(ipa), &step->value, step->size & 0x80 ? 4 : 2);
}

/* A descriptor, and often a chain that begins with it, in rings of `size` entries. */
static inline void guest_offers(const struct step *step, unsigned int size)
{
    unsigned int queue = step->offset >> 15;
    struct driver_desc desc = {
        .ipa = DRIVER_RAM + (step->value & 0x3ffff),
        .length = step->value >> 18 & 0xfff,
        .flags = step->size & 0x7,
        .next = step->offset & 0x1f,
    };

    if ((step->size & 0x60) == 0x20) {
        desc.next = (uint16_t)step->value;
    }
    if ((step->size & 0x70) == 0x70) {
        desc.ipa = step->value * 0x100000001UL;
        desc.length = step->value;
    }
    driver_describe(queue, step->offset >> 5 & 0xf, &desc);
    if ((step->size & 0x8) != 0) {
        driver_offer(queue, size, step->offset >> 5 & 0xf);
    }
}

#endif
