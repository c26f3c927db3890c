/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tool tells the kernel: loader.img is a raw image, loaded at the board's load address
 * and entered at its first byte. It starts with the kernel's segments; the page after them holds
 * a struct image_header whose physical address the tool stores in the kernel's 8-byte symbol
 * `boot_image`. The header's tables follow it in the same blob, then come program segments and
 * prefilled regions, where they run. Memory that starts zeroed is listed, not stored.
 *
 * The kernel decides nothing that stands here: rights are entries of the tables below, indexed
 * by PD and channel. All integers little-endian; all addresses physical unless they say ipa.
 */
#ifndef SLUICE_ABI_IMAGE_H
#define SLUICE_ABI_IMAGE_H

#include <stdint.h>

#include "abi/limits.h"

#define IMAGE_MAGIC   0x3147494543554c53UL /* "SLUCEIG1" */
#define IMAGE_VERSION 4

#define IMAGE_NONE 0xffff /* no such PD, vCPU, … in a 16-bit index */

/* header.flags */
#define IMAGE_DEBUG_CONSOLE 0x1 /* the kernel logs, and programs may print, on the UART */
#define IMAGE_BENCHMARK     0x2 /* the kernel keeps account, and programs have the PMU */

enum image_table_id {
    IMAGE_TABLE_ASPACES,  /* struct image_aspace */
    IMAGE_TABLE_MAPPINGS, /* struct image_mapping */
    IMAGE_TABLE_PDS,      /* struct image_pd, at most ABI_MAX_PDS */
    IMAGE_TABLE_VCPUS,    /* struct image_vcpu, at most ABI_MAX_VCPUS */
    IMAGE_TABLE_IRQS,     /* struct image_irq */
    IMAGE_TABLE_ZERO,     /* struct image_range: RAM that must read as zero when programs start */
    IMAGE_TABLE_COPY,     /* struct image_copy: contents whose place lies outside the image */
    IMAGE_TABLE_SENDERS,  /* struct image_sender: devices whose messages are programs' interrupts */
    IMAGE_TABLE_FIRMWARE, /* struct image_firmware_call, at most ABI_MAX_FIRMWARE_CALLS */
    IMAGE_TABLE_SYMBOLS,  /* struct image_symbol; none without IMAGE_DEBUG_CONSOLE */
    IMAGE_TABLE_NAMES,    /* char: the symbols' names, each ending with a zero */
    IMAGE_TABLE_COUNT
};

struct image_table {
    uint32_t offset; /* bytes from the header, multiple of 8 */
    uint32_t count;  /* entries */
};

struct image_range {
    uint64_t start;
    uint64_t size; /* bytes, multiple of 64 */
};

struct image_copy {
    uint64_t from;
    uint64_t to;
    uint64_t size; /* bytes; the rest of the region is in the zero table */
};

/* GICv3's ITS, which makes interrupts (LPIs) of messages, and the memory that it and the
 * redistributors keep their tables in: starts zeroed, aligned as IMAGE_ITS_ALIGN says. base 0: no
 * program has an LPI, the ITS is not touched, and the rest is zero. */
struct image_its {
    uint64_t base;                 /* of its control registers */
    struct image_range commands;   /* queue */
    struct image_range properties; /* of LPIs, a byte each */
    struct image_range devices;    /* room for the highest device id of IMAGE_TABLE_SENDERS */
    struct image_range collections;
    struct image_range pending; /* IMAGE_ITS_ALIGN bytes for each core */
};

#define IMAGE_ITS_ALIGN  0x10000UL
#define IMAGE_ITS_ENTRY  32 /* bytes at most of an entry in `devices` */
#define IMAGE_ITS_EVENT  16 /* bytes at most of an entry in a sender's table */
#define IMAGE_INTID_BITS 14 /* as few as there are with LPIs */

/* The machine that the image was made for. The kernel checks what it can and uses the rest. */
struct image_machine {
    uint64_t ram_start;
    uint64_t ram_end; /* end of the highest RAM that the image uses, not of all there may be */
    uint64_t uart;    /* PL011 */
    uint64_t gicd;
    uint64_t gicc; /* GICv2 */
    uint64_t gich; /* GICv2 */
    uint64_t gicv; /* GICv2 */
    uint64_t gicr; /* GICv3 */
    uint64_t gicr_size;
    uint32_t gic_version; /* 2 or 3 */
    uint32_t cpu_count;   /* cores that the config uses */
    uint32_t maintenance_intid;
    uint32_t hyp_timer_intid;
    uint32_t virtual_timer_intid;
    uint32_t psci_conduit; /* 0 SMC, 1 HVC */
    uint32_t intid_count;  /* of the interrupt controller: INTIDs are below */
    uint32_t reserved;
    struct image_its its;
    uint64_t mpidr[ABI_MAX_CPUS]; /* affinity of each core, the boot core's first */
};

/* One stage-2 address space. Its mappings are contiguous in the mapping table, sorted by ipa. */
struct image_aspace {
    uint32_t first_mapping;
    uint32_t mapping_count;
};

#define IMAGE_MAP_READ    0x1
#define IMAGE_MAP_WRITE   0x2
#define IMAGE_MAP_EXECUTE 0x4
#define IMAGE_MAP_DEVICE  0x8 /* Device-nGnRnE; otherwise normal write-back, inner shareable */

struct image_mapping {
    uint64_t ipa;   /* page aligned */
    uint64_t paddr; /* page aligned */
    uint64_t size;  /* bytes, multiple of the page size */
    uint32_t flags; /* IMAGE_MAP_* */
    uint32_t reserved;
};

/* What a channel id of a PD means. */
enum image_channel_kind {
    IMAGE_CHANNEL_NONE,
    IMAGE_CHANNEL_PD,
    IMAGE_CHANNEL_IRQ,
};

#define IMAGE_CHANNEL_NOTIFY 0x1 /* this end may signal the other */
#define IMAGE_CHANNEL_CALL   0x2 /* this end may make protected calls to the other */

struct image_channel {
    uint8_t kind;    /* enum image_channel_kind */
    uint8_t rights;  /* IMAGE_CHANNEL_* */
    uint8_t peer_id; /* kind PD: the id at the other end */
    uint8_t reserved;
    uint16_t target; /* kind PD: index of the other PD; kind IRQ: index in the IRQ table */
    uint16_t reserved2;
};

enum image_cap_kind {
    IMAGE_CAP_NONE,
    IMAGE_CAP_TCB,
    IMAGE_CAP_SC,
    IMAGE_CAP_VSPACE,
};

struct image_cap {
    uint16_t kind; /* enum image_cap_kind */
    uint16_t pd;
};

#define IMAGE_PD_PASSIVE 0x1
#define IMAGE_PD_SMC     0x2
#define IMAGE_PD_FPU     0x4
#define IMAGE_PD_CONSOLE \
    0x8 /* has the UART's registers, and so may read the debug console's text */

struct image_pd {
    char name[ABI_NAME_LENGTH];
    uint64_t entry;      /* virtual */
    uint64_t ipc_buffer; /* the page that is mapped at ABI_PD_IPC_BUFFER */
    uint64_t budget;     /* microseconds */
    uint64_t period;     /* microseconds; equal to budget: round robin */
    uint16_t aspace;
    uint16_t parent; /* PD that handles its faults, or IMAGE_NONE */
    uint8_t id;      /* its id as that parent's child */
    uint8_t priority;
    uint8_t cpu;
    uint8_t flags;         /* IMAGE_PD_* */
    uint32_t first_symbol; /* its symbols are contiguous in that table, sorted by address … */
    uint32_t symbol_count; /* … and programs may share them */
    struct image_channel channels[ABI_MAX_CHANNELS];
    uint16_t children[ABI_MAX_CHANNELS]; /* by child id: PD, or IMAGE_NONE */
    uint16_t vcpus[ABI_MAX_CHANNELS];    /* by vCPU id: vCPU, or IMAGE_NONE */
    struct image_cap cspace[ABI_MAX_CSPACE];
};

struct image_vcpu {
    char name[ABI_NAME_LENGTH]; /* the virtual machine's */
    uint64_t budget;
    uint64_t period;
    uint16_t aspace;
    uint16_t pd; /* its VMM */
    uint8_t id;  /* in the VM */
    uint8_t priority;
    uint8_t cpu;
    uint8_t reserved;
};

struct image_irq {
    uint32_t intid; /* an LPI, ABI_FIRST_LPI + n, is raised by message n of the PD's senders */
    uint16_t pd;
    uint8_t channel;
    uint8_t edge; /* 1 edge, 0 level */
};

/* What the ITS knows by this id may raise all LPIs of the PD, and nothing else. */
struct image_sender {
    uint64_t table; /* for its 2^event_bits messages, IMAGE_ITS_EVENT bytes each; starts zeroed */
    uint32_t id;
    uint16_t pd;
    uint8_t event_bits; /* 1 .. 8 */
    uint8_t reserved;
};

/* A call of the board's firmware that programs with smc="true" may make, besides those that any
 * board has (kernel/trap/firmware.c). */
struct image_firmware_call {
    uint32_t function; /* SMC function id, all of it */
    uint32_t reserved;
};

/* A function or label of a program, for reports of faults: [address, address + size). */
struct image_symbol {
    uint64_t address; /* virtual */
    uint32_t size;    /* bytes, up to the next symbol at most */
    uint32_t name;    /* offset in the table of names */
};

struct image_header {
    uint64_t magic;
    uint32_t version;
    uint32_t flags;        /* IMAGE_* */
    uint64_t start;        /* the load address */
    uint64_t size;         /* bytes of loader.img */
    uint64_t tables_start; /* pages for stage-2 tables, 8 KiB aligned, in no zero range */
    uint64_t tables_size;
    struct image_machine machine;
    struct image_table tables[IMAGE_TABLE_COUNT];
};

_Static_assert(sizeof(struct image_mapping) == 32, "image_mapping");
_Static_assert(sizeof(struct image_channel) == 8, "image_channel");
_Static_assert(sizeof(struct image_pd) == 64 + 32 + 16 + 62 * 8 + 62 * 4 + 64 * 4, "image_pd");
_Static_assert(sizeof(struct image_vcpu) == 88, "image_vcpu");
_Static_assert(sizeof(struct image_irq) == 8, "image_irq");
_Static_assert(sizeof(struct image_sender) == 16, "image_sender");
_Static_assert(sizeof(struct image_firmware_call) == 8, "image_firmware_call");
_Static_assert(sizeof(struct image_symbol) == 16, "image_symbol");
_Static_assert(sizeof(struct image_machine) == 104 + 88 + 8 * ABI_MAX_CPUS, "image_machine");
_Static_assert(sizeof(struct image_header) % 8 == 0, "image_header");

#endif
