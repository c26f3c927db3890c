/* SPDX-License-Identifier: BSD-2-Clause */
/* See rig.h. */
#include "tests/unit/vmm/pci/rig.h"

#include <stdlib.h>
#include <string.h>

#include "components/serial/clock.h"

#include "tests/unit/components/serial/fake/clock.h"

struct vm_config rig_config;
struct vm_pci rig_pci;
struct vgic rig_vgic;
struct mmio_bus rig_bus;

static void add_virtio(struct fake_pci_function *function, unsigned int at, uint32_t type,
                       uint32_t bar, uint32_t offset, unsigned int length)
{
    fake_pci_add_capability(function, at, PCI_CAPABILITY_VENDOR, type << 24 | length << 16);
    fake_pci_set(function, at + 4, bar, type == VIRTIO_CAP_WINDOW ? ~0u : 0, 0);
    fake_pci_set(function, at + 8, offset, type == VIRTIO_CAP_WINDOW ? ~0u : 0, 0);
    fake_pci_set(function, at + 12, 0x1000, type == VIRTIO_CAP_WINDOW ? ~0u : 0, 0);
    if (length > 16) {
        fake_pci_set(function, at + 16, 4, type == VIRTIO_CAP_WINDOW ? ~0u : 0, 0);
    }
}

static void add_disk(void)
{
    struct fake_pci_function *disk = fake_pci_add(RIG_DISK, 0x10011af4);

    fake_pci_set(disk, PCI_BAR0, PCI_BAR_IO, 0xffffff80, 0);
    fake_pci_add_bar(disk, 1, 0x1000, 0);
    fake_pci_add_bar(disk, 4, 0x4000, PCI_BAR_64 | PCI_BAR_PREFETCH);
    add_virtio(disk, RIG_DISK_COMMON, VIRTIO_CAP_COMMON, 4, 0x0000, 16);
    add_virtio(disk, RIG_DISK_WINDOW, VIRTIO_CAP_WINDOW, 4, 0, 20);
    add_virtio(disk, RIG_DISK_NOTIFY, 2, 4, 0x3000, 20);
    add_virtio(disk, RIG_DISK_IO, 2, 0, 0x0010, 20);
    fake_pci_add_msix(disk, RIG_DISK_MSIX, 3, 0x0000 | 1, 0x0800 | 1);
    fake_pci_add_power(disk, RIG_DISK_POWER);
}

static void add_nvme(void)
{
    struct fake_pci_function *nvme = fake_pci_add(RIG_NVME, 0x00101b36);

    fake_pci_set(nvme, PCI_CLASS, 0x01080202, 0, 0);
    fake_pci_add_bar(nvme, 0, 0x4000, PCI_BAR_64);
    fake_pci_add_msix(nvme, RIG_NVME_MSIX, 65, 0x2000, 0x2800);
    fake_pci_add_msi(nvme, RIG_NVME_MSI, true, true);
    fake_pci_add_capability(nvme, RIG_NVME_HIDDEN, 0x03, 0x12340000); /* vital product data */
    fake_pci_set(nvme, RIG_NVME_HIDDEN + 4, 0, ~0u, 0);
    fake_pci_add_pcie(nvme, RIG_NVME_PCIE, true);
    fake_pci_add_power(nvme, RIG_NVME_POWER);
    fake_pci_set(nvme, 0x100, 0x00010001, ~0u, 0); /* errors, in the extended space */
}

static void add_functions(struct vm_config_pci *pci)
{
    pci->functions[RIG_DISK] = (struct vm_config_pci_function){
        .name = "disk",
        .config_vaddr = FAKE_PCI_CONFIG(RIG_DISK),
        .id = 0x10011af4,
        .physical = 0x0108, /* bus 1 */
        .virtual = 0x08,
        .pins = 1,
    };
    pci->functions[RIG_NVME] = (struct vm_config_pci_function){
        .name = "nvme",
        .config_vaddr = FAKE_PCI_CONFIG(RIG_NVME),
        .physical = 0x10,
        .virtual = 0x10,
        .pins = 0,
    };
    pci->function_count = 2;
}

static void add_piece(uint16_t function, uint8_t bar, uint64_t ipa, uint64_t offset, uint64_t size,
                      uint8_t flags)
{
    rig_config.pci.pieces[rig_config.pci.piece_count++] =
        (struct vm_config_pci_piece){.ipa = ipa + offset,
                                     .size = size,
                                     .vaddr = FAKE_PCI_BAR(function, bar) + offset,
                                     .function = function,
                                     .bar = bar,
                                     .flags = flags};
}

void rig_reset(void)
{
    fake_reset();
    fake_pci_reset();
    fake_clock = (struct fake_clock){.now = 1000, .alarm = UINT64_MAX};
    add_disk();
    add_nvme();
    rig_config = (struct vm_config){
        .name = "linux",
        .vcpus = {{.id = RIG_VCPU}},
        .vcpu_count = 1,
        .msi = {.ipa = RIG_FRAME,
                .doorbell = RIG_REAL_DOORBELL,
                .first = RIG_FIRST,
                .count = RIG_VECTORS},
        .pci = {.ecam_ipa = RIG_ECAM, .ecam_size = 0x100000},
    };
    for (unsigned int i = 0; i < RIG_VECTORS - 1; i++) {
        rig_config.irqs[rig_config.irq_count++] = (struct vm_config_irq){
            .intid = RIG_FIRST + i, .channel = (uint16_t)i, .flags = VM_CONFIG_IRQ_EDGE};
    }
    add_functions(&rig_config.pci);
    add_piece(RIG_DISK, 1, RIG_DISK_TABLE, 0, 0x1000, 0);
    add_piece(RIG_DISK, 4, RIG_DISK_BAR4, 0, 0x4000, VM_CONFIG_PCI_IN_GUEST);
    add_piece(RIG_NVME, 0, RIG_NVME_BAR0, 0x0000, 0x2000, VM_CONFIG_PCI_IN_GUEST);
    add_piece(RIG_NVME, 0, RIG_NVME_BAR0, 0x2000, 0x1000, 0);
    add_piece(RIG_NVME, 0, RIG_NVME_BAR0, 0x3000, 0x1000, VM_CONFIG_PCI_IN_GUEST);
}

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

void rig_create(void)
{
    memset(&rig_pci, 0, sizeof(rig_pci));
    memset(&rig_bus, 0, sizeof(rig_bus));
    require(pci_config_is_sound(&rig_config));
    vgic_init(&rig_vgic, rig_config.vcpus, 1, pci_max_intid(&rig_config));
    require(pci_create(&rig_pci, &rig_config, &rig_vgic, &rig_bus));
}

void rig_start(void)
{
    rig_reset();
    rig_create();
    require(pci_prepare(&rig_pci));
}

bool rig_access(uint64_t ipa, unsigned int size, bool is_write, uint64_t *value)
{
    const struct mmio_device *device = mmio_bus_find(&rig_bus, ipa, size);
    struct mmio_access access = {.size = size, .is_write = is_write, .value = *value};

    if (device == NULL) {
        return false;
    }
    access.offset = ipa - device->ipa;
    if (!device->ops->access(device->context, &access)) {
        return false;
    }
    *value = access.value;
    return true;
}

uint64_t rig_load(uint64_t ipa, unsigned int size)
{
    uint64_t value = 0x5a5a5a5a5a5a5a5a;

    require(rig_access(ipa, size, false, &value));
    return value;
}

void rig_store(uint64_t ipa, unsigned int size, uint64_t value)
{
    require(rig_access(ipa, size, true, &value));
}

static uint64_t ecam_address(unsigned int device, unsigned int offset)
{
    return RIG_ECAM + ((uint64_t)device << 15 | offset);
}

uint64_t rig_read(unsigned int device, unsigned int offset, unsigned int size)
{
    return rig_load(ecam_address(device, offset), size);
}

void rig_write(unsigned int device, unsigned int offset, unsigned int size, uint64_t value)
{
    rig_store(ecam_address(device, offset), size,
              size == 8 ? value : value & ((1UL << size * 8) - 1));
}

uint32_t rig_config_space(unsigned int function, unsigned int offset)
{
    return fake_pci[function].config[offset / 4];
}

uint32_t rig_bar(unsigned int function, unsigned int bar, unsigned int offset)
{
    uint32_t value;

    memcpy(&value, &fake_pci[function].bars[bar][offset], sizeof(value));
    return value;
}
