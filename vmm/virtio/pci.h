/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtio-pci transport, without what legacy drivers need (Virtual I/O Device 1.1, section 4.1),
 * in front of any virtio device (device.h): a function of the guest's host bridge.
 *
 *     BAR 0   common configuration, ISR, notification, device's configuration
 *     BAR 1   MSI-X table and pending bits; one vector for each queue and one for the configuration
 *
 * BARs lie where they are from the start; the guest's writes to them answer sizing alone. Without
 * MSI-X, or while the guest has it off, INTA says what the ISR holds. Without memory enable both
 * BARs read as ones; a function that is no bus master leaves queues alone and sends no messages.
 */
#ifndef SLUICE_VMM_VIRTIO_PCI_H
#define SLUICE_VMM_VIRTIO_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/level.h"
#include "vmm/pci/msix.h"
#include "vmm/pci/space.h"
#include "vmm/virtio/device.h"

#define VIRTIO_PCI_BAR_SIZE 0x1000u /* of each */

struct virtio_pci_setup {
    uint64_t registers_ipa;            /* BAR 0; both below 4 GiB */
    uint64_t msix_ipa;                 /* BAR 1; 0: there is no MSI-X */
    const struct vm_config_msi *frame; /* for MSI-X; stays the caller's */
    unsigned int intid;                /* INTA, level-triggered */
};

struct virtio_pci {
    struct virtio_device *device;
    struct virtio_pci_setup setup;
    struct level_irq irq;
    struct pci_space space; /* for the bridge */
    struct pci_msix msix;
    uint16_t config_vector;
    uint16_t queue_vectors[VIRTIO_MAX_QUEUES];
};

/* BAR 0 and 1; the context is a struct virtio_pci. */
extern const struct mmio_ops virtio_pci_register_ops;
extern const struct mmio_ops virtio_pci_msix_ops;

/* Connects `device`, which stays the caller's. False: its machine's vgic has no such interrupt as
 * INTA is to be. */
bool virtio_pci_init(struct virtio_pci *pci, struct virtio_device *device,
                     const struct virtio_pci_setup *setup);
/* As after virtio_pci_init(): the machine is reset. The device is reset, too; its own reset() is
 * not called. */
void virtio_pci_reset(struct virtio_pci *pci);

#endif
