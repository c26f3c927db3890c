/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a virtio device stands for the guest: registers of virtio-mmio at an address of its own, or
 * a function of the guest's host bridge, as the configuration says. A device is connected here and
 * knows no more of it.
 */
#ifndef SLUICE_VMM_VIRTIO_TRANSPORT_H
#define SLUICE_VMM_VIRTIO_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/virtio/mmio.h"
#include "vmm/virtio/pci.h"
#include "vmm/vm_config.h"

struct vm;

struct virtio_transport {
    bool is_pci;
    union {
        struct virtio_mmio mmio;
        struct virtio_pci pci;
    };
};

struct virtio_place {
    const char *name;             /* for messages */
    enum vm_config_pci_kind kind; /* of the function that it is, if there is one */
    unsigned int intid;           /* level-triggered */
    uint64_t ipa;                 /* otherwise: of its registers */
    uint64_t size;
};

/* Puts the device on the bus of `vm`, and on its bridge. False: devices overlap, or there is no
 * such interrupt. */
bool virtio_transport_connect(struct virtio_transport *transport, struct virtio_device *device,
                              const struct virtio_place *place, struct vm *vm);
/* As after that, and so is the device: the machine is reset. The device's own reset() is not
 * called. */
void virtio_transport_reset(struct virtio_transport *transport);

#endif
