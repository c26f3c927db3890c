/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vmconf derives from the system description and the board's device tree for one virtual
 * machine, and the VMM reads: the contents of the ELF section VM_CONFIG_SECTION. The section has
 * a fixed size, because objcopy --update-section corrupts an ELF file when a section grows.
 *
 * Stands alone (tool/vmconf writes it, vmm/ reads it). Little-endian, fixed width. Entries past
 * a count are zero. The VMM checks magic, version and counts, and nothing else: it trusts its
 * own description.
 */
#ifndef SLUICE_VMM_VM_CONFIG_H
#define SLUICE_VMM_VM_CONFIG_H

#include <stdint.h>

#define VM_CONFIG_SECTION ".vm_config"
#define VM_CONFIG_MAGIC   0x47464e434d564c53UL /* "SLVMCNFG" */
#define VM_CONFIG_VERSION 6

#define VM_CONFIG_MAX_VCPUS   8
#define VM_CONFIG_MAX_RAM     64
#define VM_CONFIG_MAX_IRQS    62
#define VM_CONFIG_MAX_DEVICES 64

#define VM_CONFIG_PCI_BARS          6
#define VM_CONFIG_MAX_PCI_FUNCTIONS 12
#define VM_CONFIG_MAX_PCI_PIECES    32

/* RAM of the guest. The first range holds kernel, initrd and device tree, and the VMM maps it at
 * its symbol guest_ram_vaddr. The others are in the order of their ipa. A range may lie anywhere in
 * the machine, in many pieces. */
struct vm_config_ram {
    uint64_t ipa;
    uint64_t size;  /* bytes */
    uint64_t vaddr; /* where the VMM's PD maps the same memory, or 0 */
};

struct vm_config_vcpu {
    uint32_t id; /* of <vcpu>, for microkit_vcpu_* */
    uint32_t reserved;
    uint64_t mpidr; /* affinity: the reg of its cpu node; VMPIDR_EL2 gets bit 31 as well */
};

#define VM_CONFIG_IRQ_EDGE 0x1 /* otherwise level */

/* A physical interrupt that the guest gets under the same INTID. */
struct vm_config_irq {
    uint32_t intid;
    uint16_t channel; /* id of <irq> in the VMM's PD */
    uint16_t flags;   /* VM_CONFIG_IRQ_* */
};

enum vm_config_device_kind {
    VM_CONFIG_DEVICE_OTHER,
    VM_CONFIG_DEVICE_VIRTIO_MMIO, /* reset through its status register */
    VM_CONFIG_DEVICE_PL011,
    VM_CONFIG_DEVICE_FLASH,    /* NOR flash, with the commands of Intel's set */
    VM_CONFIG_DEVICE_PCI_HOST, /* a host bridge of PCI whose ECAM the registers are */
};

#define VM_CONFIG_NO_INTID 0xffffffffu

/* A passed-through device, for reset before the guest's RAM is used again. */
struct vm_config_device {
    uint16_t kind;      /* enum vm_config_device_kind */
    uint16_t first_bus; /* of a host bridge of PCI: that of the first MiB */
    uint32_t intid;     /* its first interrupt, or VM_CONFIG_NO_INTID */
    uint64_t ipa;       /* registers in the guest's address space */
    uint64_t size;      /* bytes of the registers */
    uint64_t vaddr;     /* the same registers in the VMM's PD, or 0: not mapped there */
};

/* The guest's console, if it is emulated: its other side is the console multiplexer. */
enum vm_config_console_kind {
    VM_CONFIG_CONSOLE_NONE,
    VM_CONFIG_CONSOLE_PL011,
    VM_CONFIG_CONSOLE_VIRTIO, /* by virtio-mmio, or as the function that VM_CONFIG_PCI_CONSOLE is */
};

struct vm_config_console {
    uint32_t kind;  /* enum vm_config_console_kind */
    uint32_t intid; /* level-triggered; of a function: INTA */
    uint64_t ipa;   /* its registers; of a function: BAR 0 */
    uint64_t size;  /* bytes of them */
};

/* The guest's watchdog, a generic one of the SBSA: two frames of 4 KiB; seconds 0: there is none.
 */
struct vm_config_watchdog {
    uint64_t refresh_ipa;
    uint64_t control_ipa;
    uint32_t seconds; /* until it expires, once the guest's driver has found it */
    uint32_t reserved;
};

/* A virtual GICv2m frame (MSI_TYPER, MSI_SETSPI_NS, MSI_IIDR): what the guest takes for its MSI
 * controller. size of the frame: 4 KiB; count 0: there is none. INTIDs are those of the guest;
 * where a passed-through interrupt has the same number, a passed-through function can have it. */
struct vm_config_msi {
    uint64_t ipa;
    uint64_t doorbell; /* physical address that functions write to, or 0: none is passed through */
    uint32_t first;    /* INTIDs [first, first + count), edge */
    uint32_t count;
};

enum vm_config_pci_kind {
    VM_CONFIG_PCI_PASSTHROUGH,
    VM_CONFIG_PCI_CONSOLE, /* emulated: virtio-pci, the console of vm_config.console */
};

#define VM_CONFIG_PCI_NOWHERE 0xffffu

/* vm_config_pci_function.flags */
#define VM_CONFIG_PCI_SMMU 0x1 /* behind an SMMU: its DMA is what stream and smmu_channel say */

/* A function of the guest's host bridge. */
struct vm_config_pci_function {
    char name[24];         /* of its configuration page's region; for messages */
    uint32_t kind;         /* enum vm_config_pci_kind */
    uint32_t id;           /* vendor | device << 16 that is expected, or 0: any */
    uint64_t config_vaddr; /* its 4 KiB of the board's ECAM in the VMM's PD; emulated: 0 */
    uint16_t physical;     /* bus << 8 | device << 3 | function; emulated: VM_CONFIG_PCI_NOWHERE */
    uint16_t virtual;      /* the same as the guest sees it; on bus 0 */
    uint32_t pins;         /* bit n: the guest has the line of pin n + 1 (INTA: 1) */
    uint32_t stream;       /* StreamID, of the board's iommu-map */
    uint16_t smmu_channel; /* in the VMM's PD, to the owner of the SMMU: components/smmu/smmu.h */
    uint16_t flags;        /* VM_CONFIG_PCI_SMMU */
};

#define VM_CONFIG_PCI_IN_GUEST 0x1 /* mapped for the guest: no exit */

/* A part of a BAR, or all of it. The parts of one BAR are adjacent, in order, and together as large
 * as the BAR is, but for BARs smaller than a page, which have one of 4 KiB. What is not mapped for
 * the guest is emulated, and a passed-through function's is mapped for the VMM then. */
struct vm_config_pci_piece {
    uint64_t ipa; /* and physical address */
    uint64_t size;
    uint64_t vaddr;    /* in the VMM's PD, or 0: not mapped there */
    uint16_t function; /* index */
    uint8_t bar;       /* 0..5 */
    uint8_t flags;     /* VM_CONFIG_PCI_IN_GUEST */
    uint32_t reserved;
};

/* The guest's host bridge, all of it the VMM's: its ECAM is trapped, what its functions' BARs are
 * does not change. function_count 0: there is none. */
struct vm_config_pci {
    uint64_t ecam_ipa; /* bus 0 */
    uint64_t ecam_size;
    uint32_t function_count;
    uint32_t piece_count; /* sorted by function, then by address */
    struct vm_config_pci_function functions[VM_CONFIG_MAX_PCI_FUNCTIONS];
    struct vm_config_pci_piece pieces[VM_CONFIG_MAX_PCI_PIECES];
};

/* Where vmconf decided that the guest's images go, from the kernel's header and the images' sizes;
 * the device tree's /chosen says the same. All in ram[0]; size 0: none. */
struct vm_config_load {
    uint64_t kernel_ipa;
    uint64_t kernel_span; /* image_size of the header: memory the kernel claims, .bss included */
    uint64_t initrd_ipa;
    uint64_t initrd_size;
    uint64_t dtb_ipa;
    uint64_t dtb_size; /* room, at least the blob's size */
};

/* Firmware that the guest starts instead of a kernel, mapped for it: no image is copied then but
 * the device tree, to the start of RAM. size 0: there is none. */
struct vm_config_firmware {
    uint64_t ipa; /* where it starts */
    uint64_t size;
};

#define VM_CONFIG_FLASH_BLOCK 0x40000u   /* bytes of a block */
#define VM_CONFIG_FLASH_MAX   0x4000000u /* of all of them */

/* Emulated flash: memory that the guest has mapped read-only, and the VMM at its symbol
 * flash_vaddr. size: a power of two, at least a block; 0: there is none. */
struct vm_config_flash {
    uint64_t ipa;
    uint64_t size;
};

/* Room in /chosen of the guest's device tree for a property with a seed: FDT_NOP tokens, as many as
 * the property takes; 0: there is none. */
struct vm_config_seed {
    uint32_t offset; /* in the blob */
    uint32_t name;   /* offset in the strings block */
};

#define VM_CONFIG_KASLR_SEED 8 /* bytes */
#define VM_CONFIG_RNG_SEED   32

/* vm_config.flags */
#define VM_CONFIG_POWEROFF_MACHINE 0x1 /* the machine goes off with this guest: PSCI by SMC */
#define VM_CONFIG_NO_RESTART       0x2 /* /sluice restart = "never": SYSTEM_RESET stops the guest */
#define VM_CONFIG_NO_AUTOSTART     0x4 /* /sluice autostart = "no": it waits for CONSOLE_START */

struct vm_config {
    uint64_t magic;
    uint32_t version;
    uint32_t size;        /* sizeof(struct vm_config) */
    char name[64];        /* of the virtual machine */
    uint32_t gic_version; /* of the virtual GIC, 2 or 3 */
    uint32_t virtual_timer_intid;
    uint64_t gicd_ipa; /* distributor, emulated */
    uint64_t gicd_size;
    uint32_t vcpu_count;
    uint32_t ram_count;
    uint32_t irq_count;
    uint32_t device_count;
    uint32_t flags; /* VM_CONFIG_* */
    uint32_t reserved0;
    struct vm_config_load load;
    struct vm_config_vcpu vcpus[VM_CONFIG_MAX_VCPUS];
    struct vm_config_ram ram[VM_CONFIG_MAX_RAM];
    struct vm_config_irq irqs[VM_CONFIG_MAX_IRQS];
    struct vm_config_device devices[VM_CONFIG_MAX_DEVICES];
    uint64_t gicc_ipa; /* GIC version 2: CPU interface, the hardware's */
    struct vm_config_console console;
    struct vm_config_watchdog watchdog;
    struct vm_config_msi msi;
    struct vm_config_pci pci;
    struct vm_config_firmware firmware;
    uint64_t gicr_ipa; /* GIC version 3: redistributors, one for each vCPU, emulated */
    struct vm_config_seed kaslr_seed;
    struct vm_config_seed rng_seed;
    uint64_t rtc_ipa; /* emulated PL031, after the machine's; 0: there is none */
    struct vm_config_flash flash;
    uint8_t reserved[8192 - 320 - 16 * VM_CONFIG_MAX_VCPUS - 24 * VM_CONFIG_MAX_RAM -
                     8 * VM_CONFIG_MAX_IRQS - 32 * VM_CONFIG_MAX_DEVICES -
                     sizeof(struct vm_config_pci)];
};

_Static_assert(sizeof(struct vm_config_pci_function) == 56, "vm_config_pci_function");
_Static_assert(sizeof(struct vm_config_pci_piece) == 32, "vm_config_pci_piece");
_Static_assert(sizeof(struct vm_config) == 8192, "vm_config");

#endif
