/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest finds in the configuration space of a passed-through function: registers.c has it as
 * one table for the header and for each capability. Capabilities that are not among them, and the
 * extended space, are not there for the guest.
 */
#ifndef SLUICE_VMM_PCI_REGISTERS_H
#define SLUICE_VMM_PCI_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/pci/space.h"

/* Where the physical function has a capability; 0: nowhere. */
struct pci_capabilities {
    uint8_t power;
    uint8_t msi;
    uint8_t pcie;
    uint8_t msix;
    uint8_t virtio_common; /* VIRTIO_PCI_CAP_COMMON_CFG */
    uint8_t virtio_window; /* VIRTIO_PCI_CAP_PCI_CFG */
};

/* What the guest gets of it. */
struct pci_offer {
    struct pci_bar bars[PCI_BAR_COUNT];
    uint32_t pins;          /* as in struct vm_config_pci_function */
    unsigned int msi_count; /* vectors that the guest may have */
    bool msi_is_high;       /* the doorbell needs an address of 64 bits */
    bool resets_by_power;   /* from D3hot to D0 it loses its state */
};

/* Reads the physical function's chain, which may be anything. */
struct pci_capabilities pci_registers_find(uint64_t hardware);
/* Lays everything over `space`, which pci_space_init() made; the guest's bits are as after a reset.
 */
void pci_registers_lay(struct pci_space *space, const struct pci_offer *offer);

/* The MSI capability's registers, whose places depend on its first dword. */
struct pci_msi_layout {
    bool is_64;
    bool is_maskable;
    unsigned int data; /* offsets from the capability's start */
    unsigned int mask;
    unsigned int pending;
};
struct pci_msi_layout pci_msi_layout(uint32_t first);

#endif
