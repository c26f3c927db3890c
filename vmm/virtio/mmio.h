/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtio-mmio transport, version 2 (Virtual I/O Device 1.1, section 4.2.2), in front of any
 * virtio device (device.h): registers and a level-triggered interrupt.
 */
#ifndef SLUICE_VMM_VIRTIO_MMIO_H
#define SLUICE_VMM_VIRTIO_MMIO_H

#include <stdbool.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/level.h"
#include "vmm/virtio/device.h"

#define VIRTIO_MMIO_FRAME_SIZE 0x200 /* at least */

struct virtio_mmio {
    struct virtio_device *device;
    struct level_irq irq;
};

/* The context is a struct virtio_mmio. */
extern const struct mmio_ops virtio_mmio_ops;

/* Connects `device`, which stays the caller's. False: its machine's vgic has no such interrupt, and
 * the device has none. */
bool virtio_mmio_init(struct virtio_mmio *mmio, struct virtio_device *device, unsigned int intid);

#endif
