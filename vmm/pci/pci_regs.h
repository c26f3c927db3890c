/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of PCI Local Bus 3.0 and PCI Express Base 5.0, chapter 7: configuration space as dwords,
 * so that a field of the upper half is shifted by 16 here.
 */
#ifndef SLUICE_VMM_PCI_PCI_REGS_H
#define SLUICE_VMM_PCI_PCI_REGS_H

#define PCI_SPACE_SIZE    0x1000u /* with the extended space */
#define PCI_STANDARD_SIZE 0x100u
#define PCI_NOTHING       0xffffffffu /* what reads where nothing answers */

/* 7.5.1: the header, type 0 */
#define PCI_ID           0x00u
#define PCI_COMMAND      0x04u
#define PCI_CLASS        0x08u
#define PCI_HEADER       0x0cu
#define PCI_BAR0         0x10u
#define PCI_CIS          0x28u
#define PCI_SUBSYSTEM    0x2cu
#define PCI_ROM          0x30u
#define PCI_CAPABILITIES 0x34u
#define PCI_INTERRUPT    0x3cu

#define PCI_COMMAND_MEMORY       0x002u
#define PCI_COMMAND_BUS_MASTER   0x004u
#define PCI_COMMAND_INTX_DISABLE 0x400u
#define PCI_STATUS_CAPABILITIES  (0x10u << 16)

#define PCI_VENDOR(dword)      ((dword)&0xffff)
#define PCI_NO_VENDOR          0xffffu
#define PCI_HEADER_TYPE(dword) ((dword) >> 16 & 0x7f)
#define PCI_HEADER_BRIDGE      1u
#define PCI_HEADER_CARDBUS     2u
#define PCI_MULTI_FUNCTION     (0x80u << 16)
#define PCI_CLASS_HOST_BRIDGE  0x0600u /* class and subclass */
#define PCI_PIN(dword)         ((dword) >> 8 & 0xff)

/* 7.5.1.3: type 1, a bridge's; these are where a bridge to CardBus has them as well */
#define PCI_BUSES            0x18u /* primary, secondary, subordinate, latency */
#define PCI_SECONDARY(dword) ((dword) >> 8 & 0xff)
#define PCI_SUBORDINATE      0x1au
#define PCI_BRIDGE_CONTROL   0x3eu
#define PCI_BRIDGE_RESET     0x0040u

#define PCI_BAR_COUNT    6u
#define PCI_BAR_IO       0x1u
#define PCI_BAR_64       0x4u
#define PCI_BAR_PREFETCH 0x8u
#define PCI_BAR_KIND     0xfu /* of memory: not the address */

/* 7.5.3 and on: capabilities; the first dword is id, next, and 16 bits of its own. */
#define PCI_FIRST_CAPABILITY  0x40u
#define PCI_CAPABILITY_LIMIT  48u /* no more of them fit */
#define PCI_CAPABILITY_POWER  0x01u
#define PCI_CAPABILITY_MSI    0x05u
#define PCI_CAPABILITY_VENDOR 0x09u
#define PCI_CAPABILITY_PCIE   0x10u
#define PCI_CAPABILITY_MSIX   0x11u

/* 7.5.2: power management */
#define POWER_CONTROL       0x04u
#define POWER_STATE         0x3u
#define POWER_D0            0u
#define POWER_D3HOT         3u
#define POWER_NO_SOFT_RESET 0x8u

/* 7.5.3: PCI Express */
#define PCIE_TYPE_SHIFT      20
#define PCIE_TYPE_INTEGRATED 0x9u /* an endpoint that is part of the root complex */
#define PCIE_DEVICE          0x04u
#define PCIE_DEVICE_FLR      (1u << 28)
#define PCIE_CONTROL         0x08u
#define PCIE_CONTROL_FLR     0x8000u
#define PCIE_STATUS_PENDING  (0x20u << 16)
#define PCIE_CONTROL2        0x28u
#define PCIE_VERSION(dword)  ((dword) >> 16 & 0xf)

/* 7.7.1: MSI; where data, mask and pending are depends on the first dword */
#define MSI_ENABLE     (0x0001u << 16)
#define MSI_64         (0x0080u << 16)
#define MSI_MASKABLE   (0x0100u << 16)
#define MSI_ADDRESS    0x04u
#define MSI_ADDRESS_HI 0x08u

/* 7.7.2: MSI-X */
#define MSIX_SIZE(dword)   (((dword) >> 16 & 0x7ff) + 1)
#define MSIX_MASK_ALL      (0x4000u << 16)
#define MSIX_ENABLE        (0x8000u << 16)
#define MSIX_TABLE         0x04u
#define MSIX_PBA           0x08u
#define MSIX_BAR(dword)    ((dword)&0x7)
#define MSIX_OFFSET(dword) ((dword) & ~0x7u)
#define MSIX_ENTRY_SIZE    16u
#define MSIX_VECTOR_MASKED 0x1u

/* Virtual I/O Device 1.1, 4.1.4: its vendor capabilities */
#define VIRTIO_VENDOR            0x1af4u
#define VIRTIO_CAP_LENGTH(dword) ((dword) >> 16 & 0xff)
#define VIRTIO_CAP_TYPE(dword)   ((dword) >> 24)
#define VIRTIO_CAP_COMMON        1u
#define VIRTIO_CAP_WINDOW        5u /* VIRTIO_PCI_CAP_PCI_CFG */
#define VIRTIO_CAP_BAR           0x04u
#define VIRTIO_CAP_OFFSET        0x08u
#define VIRTIO_CAP_SIZE          0x0cu
#define VIRTIO_CAP_DATA          0x10u /* of the window */

/* Of the common registers (4.1.4.3). */
#define VIRTIO_DEVICE_FEATURE_SELECT 0x00u
#define VIRTIO_DEVICE_FEATURE        0x04u
#define VIRTIO_DEVICE_STATUS         0x14u

/* Which of the vendor's functions are virtio devices (4.1.2), and a feature of theirs (6.1). */
#define VIRTIO_FIRST_ID        0x1000u
#define VIRTIO_LAST_ID         0x107fu
#define VIRTIO_ACCESS_PLATFORM 33u

#endif
