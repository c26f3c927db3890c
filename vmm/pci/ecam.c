/* SPDX-License-Identifier: BSD-2-Clause */
/* See ecam.h. */
#include "vmm/pci/ecam.h"

#include <stddef.h>

#define ADDRESS_SHIFT   12
#define DEVICE(address) ((address) >> 3)

/* A generic PCI Express host bridge: what Linux and firmware know as one without registers. */
#define BRIDGE_ID    0x00081b36u
#define BRIDGE_CLASS 0x06000000u

/* NULL: only the bridge's own function, or none, is there. */
static struct pci_space *find_added(struct pci_bridge *bridge, uint64_t address)
{
    for (unsigned int i = 0; i < bridge->count; i++) {
        if (bridge->functions[i].address == address) {
            return bridge->functions[i].space;
        }
    }
    return NULL;
}

static struct pci_space *find(struct pci_bridge *bridge, uint64_t address)
{
    struct pci_space *space = find_added(bridge, address);

    return space == NULL && address == 0 ? &bridge->own : space;
}

static bool has_several_functions(const struct pci_bridge *bridge, uint64_t device)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < bridge->count; i++) {
        count += DEVICE(bridge->functions[i].address) == device;
    }
    return count > 1;
}

static uint32_t read_dword(struct pci_bridge *bridge, uint64_t address, unsigned int offset)
{
    struct pci_space *space = find(bridge, address);
    uint32_t value;

    if (space == NULL) {
        return PCI_NOTHING;
    }
    value = pci_space_read(space, offset);
    if (offset == PCI_HEADER && has_several_functions(bridge, DEVICE(address))) {
        value |= PCI_MULTI_FUNCTION;
    }
    return value;
}

static bool ecam_access(void *context, struct mmio_access *access)
{
    struct pci_bridge *bridge = context;
    unsigned int byte = access->offset % 4;
    unsigned int offset = (unsigned int)(access->offset % PCI_SPACE_SIZE - byte);
    uint64_t address = access->offset >> ADDRESS_SHIFT;
    uint64_t mask = mmio_ones(access->size);
    struct pci_space *space;

    if (!access->is_write) {
        access->value = mask;
    }
    if (byte + access->size > 4) {
        return true;
    }
    if (!access->is_write) {
        access->value = read_dword(bridge, address, offset) >> byte * 8 & mask;
        return true;
    }
    space = find(bridge, address);
    if (space != NULL) {
        pci_space_write(space, offset, (uint32_t)(access->value << byte * 8),
                        (uint32_t)(mask << byte * 8));
    }
    return true;
}

const struct mmio_ops pci_ecam_ops = {.access = ecam_access};

void pci_bridge_init(struct pci_bridge *bridge)
{
    bridge->count = 0;
    pci_space_init(&bridge->own, NULL, NULL, 0);
    pci_space_set(&bridge->own, PCI_ID, ~0u, BRIDGE_ID);
    pci_space_set(&bridge->own, PCI_CLASS, ~0u, BRIDGE_CLASS);
}

bool pci_bridge_add(struct pci_bridge *bridge, uint16_t address, struct pci_space *space)
{
    if (find_added(bridge, address) != NULL ||
        bridge->count >= sizeof(bridge->functions) / sizeof(bridge->functions[0])) {
        return false;
    }
    bridge->functions[bridge->count++] = (struct pci_function){.address = address, .space = space};
    return true;
}
