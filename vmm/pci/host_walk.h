/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of a host bridge that the guest has whole. It gave the bridges their bus numbers, which
 * may be anything: each bus of the ECAM is looked at once, and none beyond.
 */
#ifndef SLUICE_VMM_PCI_HOST_WALK_H
#define SLUICE_VMM_PCI_HOST_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/vm_config.h"

#define PCI_HOST_BUSES 256

struct pci_host_function {
    uint64_t space;   /* its configuration space in the VMM's PD */
    uint16_t address; /* bus << 8 | device << 3 | function */
    bool is_bridge;   /* there is a bus behind it, which it can reset */
    bool is_first;    /* on the host bridge's own bus */
};

struct pci_host_walk {
    const struct vm_config_device *device;
    unsigned int bus_count; /* known so far */
    uint8_t buses[PCI_HOST_BUSES];
};

typedef void pci_host_visit(void *context, const struct pci_host_function *function);

/* `device` is a host bridge that the VMM has mapped. Its first bus is known, and no other. */
void pci_host_walk_init(struct pci_host_walk *walk, const struct vm_config_device *device);
/* Makes the bus behind a bridge known, if it has one. */
void pci_host_walk_add(struct pci_host_walk *walk, const struct pci_host_function *bridge);
/* Visits what answers on the first bus, or on all that are known, and become so meanwhile. */
void pci_host_walk_first(const struct pci_host_walk *walk, pci_host_visit *visit, void *context);
void pci_host_walk_all(const struct pci_host_walk *walk, pci_host_visit *visit, void *context);

#endif
