/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine's PCI side with two passed-through functions, as tests and fuzzers have it: "disk" is
 * 00:01.0, a virtio device with its MSI-X table in BAR 1; "nvme" is 00:02.0, with a function-level
 * reset, MSI, and a 64-bit BAR 0 in three parts of which the second holds the MSI-X table.
 */
#ifndef SLUICE_TESTS_UNIT_VMM_PCI_RIG_H
#define SLUICE_TESTS_UNIT_VMM_PCI_RIG_H

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/vmm/fake/fake.h"
#include "tests/unit/vmm/fake/pci_hardware.h"
#include "vmm/pci/pci.h"

#define RIG_VCPU          3
#define RIG_ECAM          0x3f000000UL
#define RIG_FRAME         0x8020000UL
#define RIG_DOORBELL      (RIG_FRAME + 0x40) /* the guest's; the board's is another */
#define RIG_REAL_DOORBELL 0x1234567040UL
#define RIG_FIRST         80u /* INTIDs of the frame; the last one is nobody's */
#define RIG_VECTORS       6u

/* Numbers of the functions, and where their capabilities are. */
#define RIG_DISK        0u
#define RIG_DISK_TABLE  0x10000000UL /* BAR 1: 3 vectors at 0, PBA at 0x800 */
#define RIG_DISK_BAR4   0x8000004000UL
#define RIG_DISK_COMMON 0x40u
#define RIG_DISK_WINDOW 0x50u
#define RIG_DISK_NOTIFY 0x64u
#define RIG_DISK_IO     0x78u /* in the I/O BAR */
#define RIG_DISK_MSIX   0x98u
#define RIG_DISK_POWER  0xa8u
#define RIG_NVME        1u
#define RIG_NVME_BAR0   0x10010000UL /* 65 vectors at 0x2000, PBA at 0x2800 */
#define RIG_NVME_MSIX   0x40u
#define RIG_NVME_MSI    0x50u /* 64 bits, maskable */
#define RIG_NVME_HIDDEN 0x70u
#define RIG_NVME_PCIE   0x80u
#define RIG_NVME_POWER  0xc0u

#define RIG_OWNER 40 /* a channel to the owner of an SMMU, for tests that have one */

extern struct vm_config rig_config;
extern struct vm_pci rig_pci;
extern struct vgic rig_vgic;
extern struct mmio_bus rig_bus;

/* The functions as whoever started the machine left them, and the configuration; tests change
 * both before rig_create(). */
void rig_reset(void);
/* pci_create(), which has to succeed. */
void rig_create(void);
/* Both, and pci_prepare(), which has to succeed. */
void rig_start(void);

/* The guest's accesses to configuration space: function 1 for 00:01.0, and so on. */
uint64_t rig_read(unsigned int device, unsigned int offset, unsigned int size);
void rig_write(unsigned int device, unsigned int offset, unsigned int size, uint64_t value);
/* And to what is not mapped for it. False: an abort. */
bool rig_access(uint64_t ipa, unsigned int size, bool is_write, uint64_t *value);
uint64_t rig_load(uint64_t ipa, unsigned int size);
void rig_store(uint64_t ipa, unsigned int size, uint64_t value);

/* Dwords of the physical functions. */
uint32_t rig_config_space(unsigned int function, unsigned int offset);
uint32_t rig_bar(unsigned int function, unsigned int bar, unsigned int offset);

#endif
