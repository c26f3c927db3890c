/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emulated devices by guest-physical address. An access reaches a device whole: 1, 2, 4 or 8 bytes,
 * naturally aligned or not, within the device's range.
 */
#ifndef SLUICE_VMM_DEV_MMIO_BUS_H
#define SLUICE_VMM_DEV_MMIO_BUS_H

#include <stdbool.h>
#include <stdint.h>

#define MMIO_BUS_MAX_DEVICES 48

struct mmio_access {
    unsigned int cpu; /* index of the vCPU */
    uint64_t offset;  /* from the device's first byte */
    unsigned int size;
    bool is_write;
    uint64_t value; /* written, or to be filled in: no bits above `size` bytes */
};

struct mmio_ops {
    /* False: the device answers with an error, and the guest takes an external abort. */
    bool (*access)(void *context, struct mmio_access *access);
};

struct mmio_device {
    const char *name;
    uint64_t ipa;
    uint64_t size;
    const struct mmio_ops *ops;
    void *context;
};

struct mmio_bus {
    unsigned int count;
    struct mmio_device devices[MMIO_BUS_MAX_DEVICES]; /* by address */
};

/* `size` bytes of ones: what a bus reads where nobody answers. */
uint64_t mmio_ones(unsigned int size);

/* False: the bus is full, or the range is empty, wraps around or overlaps another device. */
bool mmio_bus_add(struct mmio_bus *bus, const struct mmio_device *device);
/* The device that has all of [ipa, ipa + size), or NULL. */
const struct mmio_device *mmio_bus_find(const struct mmio_bus *bus, uint64_t ipa,
                                        unsigned int size);

#endif
