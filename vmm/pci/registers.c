/* SPDX-License-Identifier: BSD-2-Clause */
/* See registers.h; space.h says what the columns mean. */
#include "vmm/pci/registers.h"

#include <stddef.h>

#include "vmm/pci/hardware.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/*
 * The header. Memory is enabled in the physical function all the time: its BARs do not move, and an
 * access that nobody answers may be fatal for the machine. Of what the guest wrote to the command
 * register, bus master and INTx disable reach it, as passthrough.c decides. BARs come on top.
 */
static const struct pci_row header[] = {
    /* vendor, device */
    {.offset = PCI_ID, .hardware = 0xffffffff},
    /* status: INTx, 66 MHz, fast back-to-back, DEVSEL, errors; command: memory, bus master, parity,
     * SERR, INTx disable */
    {.offset = PCI_COMMAND,
     .hardware = 0xffa80000,
     .guest = 0x00000546,
     .forward = PCI_COMMAND_BUS_MASTER | PCI_COMMAND_INTX_DISABLE,
     .clear = 0xf9000000,
     .effect = PCI_EFFECT_COMMAND},
    /* class, revision */
    {.offset = PCI_CLASS, .hardware = 0xffffffff},
    /* cache line size, which does nothing; no self-test; type 0 */
    {.offset = PCI_HEADER, .guest = 0x000000ff},
    /* subsystem */
    {.offset = PCI_SUBSYSTEM, .hardware = 0xffffffff},
    /* line: a scratch register; pin: constant; latencies */
    {.offset = PCI_INTERRUPT, .hardware = 0xffff0000, .guest = 0x000000ff},
};

/* Power management: D0 and D3hot, which the physical function never is in; no PME. */
static const struct pci_row power[] = {
    /* version, device-specific initialisation */
    {.offset = 0, .hardware = 0x00270000},
    /* power state */
    {.offset = POWER_CONTROL, .guest = POWER_STATE, .effect = PCI_EFFECT_POWER},
};

/* MSI of one vector: address and data are a choice, and the physical function gets what it means
 * (msi.c). Its first dword says where the rest is. */
static const struct pci_row msi[] = {
    {.offset = 0,
     .hardware = MSI_64 | MSI_MASKABLE,
     .guest = MSI_ENABLE,
     .forward = MSI_ENABLE,
     .effect = PCI_EFFECT_MSI},
    {.offset = MSI_ADDRESS, .guest = 0xfffffffc, .forward = 0xfffffffc, .effect = PCI_EFFECT_MSI},
};
static const struct pci_row msi_address_hi[] = {
    {.offset = 0, .guest = 0xffffffff, .forward = 0xffffffff, .effect = PCI_EFFECT_MSI},
};
static const struct pci_row msi_data[] = {
    {.offset = 0, .guest = 0x0000ffff, .forward = 0x0000ffff, .effect = PCI_EFFECT_MSI},
};
static const struct pci_row msi_mask[] = {
    {.offset = 0, .guest = 0x00000001, .forward = 0x00000001, .effect = PCI_EFFECT_MSI},
    {.offset = 4, .hardware = 0x00000001}, /* pending */
};

/* MSI-X: where table and PBA are is the physical function's, how many vectors are shown is not. */
static const struct pci_row msix[] = {
    {.offset = 0,
     .guest = MSIX_ENABLE | MSIX_MASK_ALL,
     .forward = MSIX_ENABLE | MSIX_MASK_ALL,
     .effect = PCI_EFFECT_MSIX},
    {.offset = MSIX_TABLE, .hardware = 0xffffffff},
    {.offset = MSIX_PBA, .hardware = 0xffffffff},
};

/* PCI Express: an endpoint of the root complex, as there is no port above it, and so without a
 * link. Payload sizes, tags and the rest of device control stay as they are in the physical
 * function; phantom functions, the second set of registers and all else are not there. */
static const struct pci_row pcie[] = {
    /* version */
    {.offset = 0, .hardware = 0x000f0000},
    /* role-based error reporting, function-level reset */
    {.offset = PCIE_DEVICE, .hardware = 0x00008000 | PCIE_DEVICE_FLR},
    /* status: errors, which 1 clears; auxiliary power, transactions pending. A reset is flr.h's to
     * begin, whatever the function reads as. */
    {.offset = PCIE_CONTROL,
     .hardware = 0x003f0000,
     .guest = 0x00007fff,
     .clear = 0x004f0000,
     .never = PCIE_CONTROL_FLR,
     .effect = PCI_EFFECT_DEVICE},
};

/* virtio's: where in which BAR its registers are. */
static const struct pci_row vendor[] = {
    {.offset = 0x00, .hardware = 0xffff0000}, {.offset = 0x04, .hardware = 0xffffffff},
    {.offset = 0x08, .hardware = 0xffffffff}, {.offset = 0x0c, .hardware = 0xffffffff},
    {.offset = 0x10, .hardware = 0xffffffff}, {.offset = 0x14, .hardware = 0xffffffff},
};

static uint32_t read_hardware(uint64_t hardware, unsigned int offset)
{
    return (uint32_t)hardware_read(hardware + offset, 4);
}

struct pci_msi_layout pci_msi_layout(uint32_t first)
{
    bool is_64 = (first & MSI_64) != 0;
    unsigned int data = is_64 ? 0x0c : 0x08;

    return (struct pci_msi_layout){.is_64 = is_64,
                                   .is_maskable = (first & MSI_MASKABLE) != 0,
                                   .data = data,
                                   .mask = data + 4,
                                   .pending = data + 8};
}

/* Calls `visit` for each capability; a chain that leads out of the space, or round in a circle,
 * ends. */
static void walk(uint64_t hardware, void (*visit)(void *context, unsigned int at, uint32_t first),
                 void *context)
{
    uint64_t seen = 0; /* a bit for each dword */
    uint32_t at = 0;

    if ((read_hardware(hardware, PCI_COMMAND) & PCI_STATUS_CAPABILITIES) != 0) {
        at = read_hardware(hardware, PCI_CAPABILITIES) & 0xfc;
    }
    while (at >= PCI_FIRST_CAPABILITY && (seen & 1UL << at / 4) == 0) {
        uint32_t first = read_hardware(hardware, at);

        seen |= 1UL << at / 4;
        visit(context, at, first);
        at = first >> 8 & 0xfc;
    }
}

struct search {
    bool is_virtio;
    struct pci_capabilities found;
};

static bool is_virtio(uint64_t hardware)
{
    return (read_hardware(hardware, PCI_ID) & 0xffff) == VIRTIO_VENDOR;
}

static uint8_t *place_of_virtio(struct pci_capabilities *found, uint32_t type)
{
    switch (type) {
    case VIRTIO_CAP_COMMON:
        return &found->virtio_common;
    case VIRTIO_CAP_WINDOW:
        return &found->virtio_window;
    default:
        return NULL;
    }
}

/* NULL: one of which there may be several, or that is not offered. */
static uint8_t *place_of(struct pci_capabilities *found, unsigned int id)
{
    switch (id) {
    case PCI_CAPABILITY_POWER:
        return &found->power;
    case PCI_CAPABILITY_MSI:
        return &found->msi;
    case PCI_CAPABILITY_PCIE:
        return &found->pcie;
    case PCI_CAPABILITY_MSIX:
        return &found->msix;
    default:
        return NULL;
    }
}

static void note(void *context, unsigned int at, uint32_t first)
{
    struct search *search = context;
    unsigned int id = first & 0xff;
    uint8_t *place = place_of(&search->found, id);

    if (id == PCI_CAPABILITY_VENDOR && search->is_virtio) {
        place = place_of_virtio(&search->found, VIRTIO_CAP_TYPE(first));
    }
    if (place != NULL && *place == 0) {
        *place = (uint8_t)at;
    }
}

struct pci_capabilities pci_registers_find(uint64_t hardware)
{
    struct search search = {.is_virtio = is_virtio(hardware)};

    walk(hardware, note, &search);
    return search.found;
}

struct lay {
    struct pci_space *space;
    const struct pci_offer *offer;
    struct pci_capabilities found;
    bool is_virtio;
};

static void lay_power(struct lay *lay, unsigned int at, uint32_t first)
{
    (void)first;
    pci_space_add_capability(lay->space, at, PCI_CAPABILITY_POWER, power, COUNT(power));
    pci_space_set(lay->space, at + POWER_CONTROL, POWER_NO_SOFT_RESET,
                  lay->offer->resets_by_power ? 0 : POWER_NO_SOFT_RESET);
}

static void lay_msi(struct lay *lay, unsigned int at, uint32_t first)
{
    struct pci_msi_layout layout = pci_msi_layout(first);
    unsigned int end = layout.is_maskable ? layout.pending + 4 : layout.mask;

    if (lay->offer->msi_count == 0 || (lay->offer->msi_is_high && !layout.is_64) ||
        at + end > PCI_STANDARD_SIZE) {
        return;
    }
    pci_space_add_capability(lay->space, at, PCI_CAPABILITY_MSI, msi, COUNT(msi));
    if (layout.is_64) {
        pci_space_lay(lay->space, at + MSI_ADDRESS_HI, msi_address_hi, COUNT(msi_address_hi));
    }
    pci_space_lay(lay->space, at + layout.data, msi_data, COUNT(msi_data));
    if (layout.is_maskable) {
        pci_space_lay(lay->space, at + layout.mask, msi_mask, COUNT(msi_mask));
    }
}

static void lay_pcie(struct lay *lay, unsigned int at, uint32_t first)
{
    (void)first;
    pci_space_add_capability(lay->space, at, PCI_CAPABILITY_PCIE, pcie, COUNT(pcie));
    pci_space_set(lay->space, at, 0xfu << PCIE_TYPE_SHIFT, PCIE_TYPE_INTEGRATED << PCIE_TYPE_SHIFT);
    pci_space_set(lay->space, at + PCIE_CONTROL, 0x7fff,
                  read_hardware(lay->space->hardware, at + PCIE_CONTROL));
}

static void lay_msix(struct lay *lay, unsigned int at, uint32_t first)
{
    unsigned int count = MSIX_SIZE(first);

    if (lay->offer->msi_count == 0) {
        return;
    }
    count = count < lay->offer->msi_count ? count : lay->offer->msi_count;
    pci_space_add_capability(lay->space, at, PCI_CAPABILITY_MSIX, msix, COUNT(msix));
    pci_space_set(lay->space, at, 0x7ff << 16, (count - 1) << 16);
}

/* Its window would reach BARs by configuration accesses, and is hidden: drivers that can map a BAR
 * do not use it. What is in a BAR that the guest does not have is hidden as well. */
static void lay_vendor(struct lay *lay, unsigned int at, uint32_t first)
{
    uint32_t bar = read_hardware(lay->space->hardware, at + VIRTIO_CAP_BAR) & 0xff;
    unsigned int dwords = VIRTIO_CAP_LENGTH(first) / 4;
    unsigned int room = (PCI_STANDARD_SIZE - at) / 4;

    if (!lay->is_virtio || VIRTIO_CAP_TYPE(first) == VIRTIO_CAP_WINDOW || bar >= PCI_BAR_COUNT ||
        lay->offer->bars[bar].size == 0) {
        return;
    }
    dwords = dwords < COUNT(vendor) ? dwords : COUNT(vendor);
    dwords = dwords < room ? dwords : room;
    pci_space_add_capability(lay->space, at, PCI_CAPABILITY_VENDOR, vendor, dwords);
}

typedef void (*lay_t)(struct lay *lay, unsigned int at, uint32_t first);

static const struct {
    lay_t lay;
    uint8_t size; /* at least; what would reach beyond the space is not laid */
} kinds[] = {
    [PCI_CAPABILITY_POWER] = {lay_power, 0x08},   [PCI_CAPABILITY_MSI] = {lay_msi, 0x0c},
    [PCI_CAPABILITY_VENDOR] = {lay_vendor, 0x10}, [PCI_CAPABILITY_PCIE] = {lay_pcie, 0x0c},
    [PCI_CAPABILITY_MSIX] = {lay_msix, 0x0c},
};

static void visit(void *context, unsigned int at, uint32_t first)
{
    struct lay *lay = context;
    unsigned int id = first & 0xff;
    const uint8_t *place = place_of(&lay->found, id);

    if (place != NULL && *place != at) {
        return; /* a second one */
    }
    if (id < COUNT(kinds) && kinds[id].lay != NULL && at <= PCI_STANDARD_SIZE - kinds[id].size) {
        kinds[id].lay(lay, at, first);
    }
}

void pci_registers_lay(struct pci_space *space, const struct pci_offer *offer)
{
    struct lay lay = {.space = space,
                      .offer = offer,
                      .found = pci_registers_find(space->hardware),
                      .is_virtio = is_virtio(space->hardware)};
    unsigned int pin = PCI_PIN(read_hardware(space->hardware, PCI_INTERRUPT));

    pci_space_lay(space, 0, header, COUNT(header));
    for (unsigned int bar = 0; bar < PCI_BAR_COUNT; bar++) {
        pci_space_set_bar(space, bar, &offer->bars[bar]);
    }
    if (pin >= 1 && pin <= 4 && (offer->pins & 1u << (pin - 1)) != 0) {
        pci_space_set(space, PCI_INTERRUPT, 0xff00, pin << 8);
    }
    walk(space->hardware, visit, &lay);
}
