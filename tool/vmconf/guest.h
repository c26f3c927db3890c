/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One virtual machine on its way through vmconf. Everything about it hangs off struct guest, and
 * each step (vmconf.c lists them in order) fills in its part:
 *
 *   maps.c        what the VM's maps are: RAM, devices, the GIC's CPU interface
 *   roles.c       which regions the VMM's symbols name
 *   ram.c         what its RAM is
 *   pci.c         which PCI functions it has
 *   multiplexer.c whether it has a console multiplexer
 *   load.c        where kernel, initrd and device tree go
 *   firmware.c    the same for firmware
 *   select.c      which of the board's nodes are passed through
 *   smmu.c        which of its functions an SMMU confines, and to what
 *   sluice.c      what the overlay says in /sluice
 *   emulate.c     where the devices are that the VMM emulates
 *   guest_tree.c  the tree
 *   overlay.c     the user's overlay
 *   checks.c      what must hold of the result
 *   config.c      the VMM's configuration
 */
#ifndef SLUICE_TOOL_VMCONF_GUEST_H
#define SLUICE_TOOL_VMCONF_GUEST_H

#include "tool/sdf/arena.h"
#include "tool/vmconf/board.h"
#include "vmm/vm_config.h"

/* Of a GICv3: for each vCPU. */
#define VMCONF_REDISTRIBUTOR_SIZE UINT64_C(0x20000)

enum map_kind {
    MAP_NORMAL,  /* memory that is not the guest's RAM: not executable */
    MAP_RAM,     /* memory mapped executable */
    MAP_CODE,    /* the same, but prefilled and read-only: firmware */
    MAP_DEVICE,  /* registers */
    MAP_GIC_CPU, /* GICV, which the guest takes for its GICC */
    MAP_NOTHING, /* GICV on a board that has none, and needs none */
    MAP_BAD,     /* reported */
};

struct guest_map {
    const struct sdf_map *map;
    const struct sdf_region *region;
    enum map_kind kind;
    uint64_t ipa;
    uint64_t size;
};

enum choice_kind {
    CHOICE_NONE,     /* the guest has nothing to do with it */
    CHOICE_LEFT_OUT, /* its registers are within reach, but it does not qualify: `why` */
    CHOICE_DEVICE,
    CHOICE_CHILD,      /* below a device, without registers of its own */
    CHOICE_DEPENDENCY, /* without registers, referred to by a node that is kept */
    CHOICE_CONTAINER,  /* a bus above such nodes */
};

struct choice {
    enum choice_kind kind;
    const char *why;
    size_t device; /* the node for whose sake it is kept */
};

struct guest_label {
    const char *label;
    const char *path;
};

enum sluice_console {
    SLUICE_CONSOLE_DEFAULT, /* nothing said */
    SLUICE_CONSOLE_NONE,
    SLUICE_CONSOLE_PL011,
    SLUICE_CONSOLE_VIRTIO,
};

/* The properties of /sluice. All zero: what goes without saying. */
struct sluice {
    bool never_restarts;
    bool waits; /* it starts by command alone */
    enum sluice_console console;
    bool virtio_is_pci; /* the VMM's virtio devices are PCI functions */
    uint32_t watchdog;  /* seconds, or 0 */
};

enum emulated_kind {
    EMULATED_CONSOLE,
    EMULATED_WATCHDOG,
    EMULATED_CLOCK,
    EMULATED_FLASH,
    EMULATED_BRIDGE, /* PCI host bridge */
    EMULATED_MSI,    /* GICv2m frame, below the interrupt controller */
};

/* A device that the VMM emulates, at a place of vmconf's choice but for flash. */
struct emulated_device {
    enum emulated_kind kind;
    const char *path;
    struct tree_range range;
    uint32_t intid; /* level-triggered; or VM_CONFIG_NO_INTID */
};

#define GUEST_MAX_EMULATED 6u /* one of each kind */

/* What the guest has of PCI: functions of a host bridge that the VMM emulates, or one of the
 * board's whole. */
struct guest_pci {
    const struct bridge *bridge;     /* the board's whose functions these are, or NULL */
    const struct bridge *whole;      /* the board's whose ECAM is mapped into the VM, or NULL */
    const char *whole_smmu;          /* that `whole` is behind, if that has an owner; or NULL */
    const struct sdf_region **pages; /* of configuration, those that were refused among them */
    size_t page_count;
    struct vm_config_pci config;
    struct vm_config_msi msi;
    /* Where the functions and pieces of `config` come from; NULL: emulated. */
    const struct sdf_region *function_regions[VM_CONFIG_MAX_PCI_FUNCTIONS];
    const struct sdf_region *piece_regions[VM_CONFIG_MAX_PCI_PIECES];
};

struct guest {
    struct arena *arena;
    struct sdf_messages *messages;
    const struct sdf *sdf;
    const struct sdf_pd *pd;
    const struct sdf_vm *vm;
    const struct board *board;

    struct guest_map *maps;
    size_t map_count;
    const struct guest_map *gic_cpu; /* NULL with a GICv3 */
    const struct guest_map **ram;    /* [0] is what the VMM loads into */
    size_t ram_count;
    struct vm_config_ram ranges[VM_CONFIG_MAX_RAM]; /* of all of it, the first with ram[0] */
    size_t range_count;

    bool is_stock; /* its VMM has the stock VMM's symbols; otherwise a program of the user's own */
    const struct sdf_map *kernel; /* the PD's maps, or NULL */
    const struct sdf_map *firmware;
    const struct sdf_map *initrd;
    const struct sdf_map *dtb;
    const struct sdf_map *ram_map;

    const struct sdf_map *console_map;  /* shared with the console multiplexer, or NULL */
    const struct sdf_end *console_end;  /* of the channel with it, or NULL */
    const struct sdf_end *console_peer; /* the channel's other end */

    struct guest_pci pci;
    const bool *owned_smmus; /* of the board's, which have an owner */

    struct vm_config_load load;
    struct vm_config_firmware firmware_place;
    const char *kernel_note; /* for the report */

    struct choice *choices; /* one for each of the board's nodes */
    bool has_tree;          /* enough is right for a tree to be made of it */

    struct sluice sluice;
    /* What the overlay says may go anywhere by DMA. */
    bool unconfined_functions[VM_CONFIG_MAX_PCI_FUNCTIONS];
    const struct guest_label **unconfined;
    size_t unconfined_count;
    struct vm_config_console console;
    struct vm_config_watchdog watchdog;
    uint64_t rtc_ipa; /* 0: no clock is emulated */
    struct vm_config_flash flash;
    struct emulated_device emulated[GUEST_MAX_EMULATED];
    size_t emulated_count;

    void *fdt;
    struct guest_label *labels;
    size_t label_count;
    uint32_t next_phandle;
    uint32_t gic_phandle;
    uint32_t msi_phandle; /* of its MSI frame */
    const char *bootargs; /* given on the command line, or NULL */
    const char *overlay_file;
    struct tree *tree; /* of fdt, after the overlay */

    struct vm_config config;
};

#endif
