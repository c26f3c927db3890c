/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An MSI-X table as the guest has it (PCI Express Base 5.0, 7.7.2), of a function passed through or
 * emulated, and which interrupt an MSI of the guest's means: the address has to be that of its MSI
 * frame's MSI_SETSPI_NS, and the data one of the frame's INTIDs. Everything else means none.
 *
 * A passed-through function's owner writes to hardware what an entry means, and never what the
 * guest wrote. An emulated function raises its vectors here.
 */
#ifndef SLUICE_VMM_PCI_MSIX_H
#define SLUICE_VMM_PCI_MSIX_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/vgic.h"
#include "vmm/pci/pci_regs.h"
#include "vmm/vm_config.h"

#define PCI_MSIX_MAX_VECTORS 64
#define PCI_MSI_NONE         0u /* no INTID of a frame */

struct pci_msix_entry {
    uint64_t address;
    uint32_t data;
    uint32_t control; /* MSIX_VECTOR_MASKED */
};

struct pci_msix {
    const struct vm_config_msi *frame;
    unsigned int count; /* of the table, as the guest sees it */
    uint32_t control;   /* MSIX_ENABLE, MSIX_MASK_ALL: as in the capability's first dword */
    uint64_t pending;   /* of an emulated function: a bit for each vector */
    struct pci_msix_entry entries[PCI_MSIX_MAX_VECTORS];
};

/* The INTID that a write of `data` to `address` raises, or PCI_MSI_NONE. */
unsigned int pci_msi_choice(const struct vm_config_msi *frame, uint64_t address, uint32_t data);

/* As after a reset: all vectors masked, the capability off. `frame` stays the caller's. */
void pci_msix_init(struct pci_msix *msix, const struct vm_config_msi *frame, unsigned int count);
/* An access at `offset` of the table, whose size in bytes may be more than is shown: that reads as
 * zero. Anything but aligned 4 and 8 bytes reads as ones and writes nothing. Returns the entry
 * that was written, or -1. */
int pci_msix_access(struct pci_msix *msix, uint64_t offset, struct mmio_access *access);
/* The entry's INTID, or PCI_MSI_NONE; its masks are not looked at. */
unsigned int pci_msix_choice(const struct pci_msix *msix, unsigned int entry);
bool pci_msix_is_masked(const struct pci_msix *msix, unsigned int entry);

/* Emulated functions: a vector fires; masked, it is pending. Nothing happens while MSI-X is off. */
void pci_msix_raise(struct pci_msix *msix, struct vgic *vgic, unsigned int entry);
/* The same: after the table or `control` was written. */
void pci_msix_update(struct pci_msix *msix, struct vgic *vgic);

#endif
