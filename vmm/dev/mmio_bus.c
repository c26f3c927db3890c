/* SPDX-License-Identifier: BSD-2-Clause */
/* See mmio_bus.h: a sorted table. */
#include "vmm/dev/mmio_bus.h"

#include <stddef.h>

/* The first device that ends behind `ipa`. */
static unsigned int lower_bound(const struct mmio_bus *bus, uint64_t ipa)
{
    unsigned int low = 0;
    unsigned int high = bus->count;

    while (low < high) {
        unsigned int middle = (low + high) / 2;

        if (bus->devices[middle].ipa + (bus->devices[middle].size - 1) < ipa) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint64_t mmio_ones(unsigned int size)
{
    return size == 8 ? ~0UL : (1UL << size * 8) - 1;
}

bool mmio_bus_add(struct mmio_bus *bus, const struct mmio_device *device)
{
    unsigned int at;

    if (bus->count == MMIO_BUS_MAX_DEVICES || device->size == 0 ||
        device->size - 1 > UINT64_MAX - device->ipa) {
        return false;
    }
    at = lower_bound(bus, device->ipa);
    if (at < bus->count && bus->devices[at].ipa <= device->ipa + (device->size - 1)) {
        return false;
    }
    for (unsigned int i = bus->count; i > at; i--) {
        bus->devices[i] = bus->devices[i - 1];
    }
    bus->devices[at] = *device;
    bus->count++;
    return true;
}

const struct mmio_device *mmio_bus_find(const struct mmio_bus *bus, uint64_t ipa, unsigned int size)
{
    unsigned int at = lower_bound(bus, ipa);
    const struct mmio_device *device = &bus->devices[at];

    if (at == bus->count || ipa < device->ipa || size > device->size ||
        ipa - device->ipa > device->size - size) {
        return NULL;
    }
    return device;
}
