/* SPDX-License-Identifier: BSD-2-Clause */
/* See host_walk.h. */
#include "vmm/pci/host_walk.h"

#include "vmm/pci/hardware.h"
#include "vmm/pci/pci_regs.h"

#define BUS_SHIFT 20u /* of ECAM: a bus has 1 MiB (PCI Express Base 5.0, 7.2.2) */
#define DEVICES   32u
#define FUNCTIONS 8u

void pci_host_walk_init(struct pci_host_walk *walk, const struct vm_config_device *device)
{
    walk->device = device;
    walk->bus_count = 1;
    walk->buses[0] = (uint8_t)device->first_bus;
}

static bool is_known(const struct pci_host_walk *walk, uint32_t bus)
{
    for (unsigned int i = 0; i < walk->bus_count; i++) {
        if (walk->buses[i] == bus) {
            return true;
        }
    }
    return false;
}

void pci_host_walk_add(struct pci_host_walk *walk, const struct pci_host_function *bridge)
{
    const struct vm_config_device *device = walk->device;
    uint32_t bus = PCI_SECONDARY((uint32_t)hardware_read(bridge->space + PCI_BUSES, 4));

    if (bus >= device->first_bus && bus - device->first_bus < device->size >> BUS_SHIFT &&
        !is_known(walk, bus)) {
        walk->buses[walk->bus_count++] = (uint8_t)bus; /* there is room for each one once */
    }
}

/* Whether something is there; the header's dword. */
static bool look(const struct pci_host_walk *walk, struct pci_host_function *function,
                 uint32_t *header)
{
    uint32_t bus = (function->address >> 8) - walk->device->first_bus;

    function->space = walk->device->vaddr + ((uint64_t)bus << BUS_SHIFT) +
                      (function->address & 0xffu) * PCI_SPACE_SIZE;
    if (PCI_VENDOR((uint32_t)hardware_read(function->space + PCI_ID, 4)) == PCI_NO_VENDOR) {
        return false;
    }
    *header = (uint32_t)hardware_read(function->space + PCI_HEADER, 4);
    function->is_bridge = PCI_HEADER_TYPE(*header) == PCI_HEADER_BRIDGE ||
                          PCI_HEADER_TYPE(*header) == PCI_HEADER_CARDBUS;
    function->is_first = bus == 0;
    return true;
}

/* The host bridge as a function of its own bus masters nothing, and without its bus master bit
 * nothing may go through it. */
static bool is_root(const struct pci_host_function *function)
{
    return (uint32_t)hardware_read(function->space + PCI_CLASS, 4) >> 16 == PCI_CLASS_HOST_BRIDGE;
}

/* Where function 0 is not, no other is. */
static void walk_device(const struct pci_host_walk *walk, uint16_t address, pci_host_visit *visit,
                        void *context)
{
    unsigned int count = 1;

    for (unsigned int i = 0; i < count; i++) {
        struct pci_host_function function = {.address = (uint16_t)(address + i)};
        uint32_t header = 0;
        bool is_there = look(walk, &function, &header);

        if ((header & PCI_MULTI_FUNCTION) != 0) { /* function 0 decides */
            count = FUNCTIONS;
        }
        if (is_there && !is_root(&function)) {
            visit(context, &function);
        }
    }
}

static void walk_bus(const struct pci_host_walk *walk, uint8_t bus, pci_host_visit *visit,
                     void *context)
{
    for (unsigned int device = 0; device < DEVICES; device++) {
        walk_device(walk, (uint16_t)((uint32_t)bus << 8 | device << 3), visit, context);
    }
}

void pci_host_walk_first(const struct pci_host_walk *walk, pci_host_visit *visit, void *context)
{
    walk_bus(walk, walk->buses[0], visit, context);
}

void pci_host_walk_all(const struct pci_host_walk *walk, pci_host_visit *visit, void *context)
{
    for (unsigned int i = 0; i < walk->bus_count; i++) {
        walk_bus(walk, walk->buses[i], visit, context);
    }
}
