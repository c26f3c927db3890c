/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's host bridge: ECAM (PCI Express Base 5.0, 7.2.2) of one bus, 4 KiB for each function,
 * all of it emulated. Functions, passed through and emulated ones, stand side by side; where there
 * is none, all ones are read. An access is 1, 2 or 4 bytes within a dword; others do nothing.
 */
#ifndef SLUICE_VMM_PCI_ECAM_H
#define SLUICE_VMM_PCI_ECAM_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/pci/space.h"
#include "vmm/vm_config.h"

struct pci_function {
    uint16_t address; /* bus << 8 | device << 3 | function, as the guest sees it */
    struct pci_space *space;
};

struct pci_bridge {
    unsigned int count;
    struct pci_function functions[VM_CONFIG_MAX_PCI_FUNCTIONS];
    struct pci_space own; /* the bridge's function: 00:00.0, unless another one has that address */
};

/* The context is a struct pci_bridge; the device is as large as its ECAM. */
extern const struct mmio_ops pci_ecam_ops;

/* No functions but the bridge's own. */
void pci_bridge_init(struct pci_bridge *bridge);
/* `space` stays the caller's. False: there is one with this address, or no room. */
bool pci_bridge_add(struct pci_bridge *bridge, uint16_t address, struct pci_space *space);

#endif
