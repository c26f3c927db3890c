/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of a system description (*.system): what the reader (read.c) makes of the XML, what
 * the checks (check.c) prove of it, and what microkit and vmconf work from. It knows nothing of
 * ELF files, kernels or device trees; of the board what they tell it.
 *
 * Everything lives in one arena that sdf_free() releases; strings are NUL-terminated and belong
 * to it. Arrays keep the order of the file. A struct's `pos` is the start tag it came from.
 */
#ifndef SLUICE_TOOL_SDF_SDF_H
#define SLUICE_TOOL_SDF_SDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SDF_NONE SIZE_MAX /* "no such index" */

/* Of a GICv2 guests have the virtual CPU interface, as a region. One description is for boards with
 * either GIC if its region has this name: with a GICv3 it is for nothing. */
#define SDF_GICV "gicv"

struct sdf_pos {
    unsigned int row; /* 1-based */
    unsigned int col; /* 1-based */
    const char *tag;  /* element name, for messages */
};

struct sdf_region {
    struct sdf_pos pos;
    const char *name;
    uint64_t size; /* bytes; prefilled and absent in the file: the contents' size rounded up */
    bool has_size; /* the file gives it */
    uint64_t page_size;
    bool has_phys_addr;
    uint64_t phys_addr;
    const char *prefill_path; /* as written, or NULL */
    const char *prefill_file; /* where it was found on the search paths, or NULL */
    uint64_t prefill_size;    /* bytes of that file */
    size_t map_count;         /* how many maps name it */
};

#define SDF_READ    0x1u
#define SDF_WRITE   0x2u
#define SDF_EXECUTE 0x4u

struct sdf_map {
    struct sdf_pos pos;
    size_t region; /* index in sdf.regions */
    uint64_t vaddr;
    unsigned int perms; /* SDF_READ | … */
    bool cached;
    const char *setvar_vaddr; /* symbol, or NULL */
    const char *setvar_size;
    const char *setvar_prefill_size;
};

struct sdf_irq {
    struct sdf_pos pos;
    uint32_t intid;
    uint32_t id;
    bool edge;
    const char *setvar_id;
};

struct sdf_setvar { /* <setvar symbol= region_paddr=> */
    struct sdf_pos pos;
    const char *symbol;
    size_t region;
};

enum sdf_cap_kind {
    SDF_CAP_TCB,
    SDF_CAP_SC,
    SDF_CAP_VSPACE,
};

struct sdf_cap {
    struct sdf_pos pos;
    enum sdf_cap_kind kind;
    uint32_t slot;
    size_t pd; /* index in sdf.pds */
};

struct sdf_vcpu {
    struct sdf_pos pos;
    uint32_t id;
    uint32_t cpu;
    const char *setvar_id;
};

struct sdf_vm {
    struct sdf_pos pos;
    const char *name;
    uint32_t priority;
    uint64_t budget; /* microseconds */
    uint64_t period;
    struct sdf_vcpu *vcpus;
    size_t vcpu_count;
    struct sdf_map *maps;
    size_t map_count;
};

struct sdf_pd {
    struct sdf_pos pos;
    const char *name;
    size_t parent; /* index in sdf.pds, or SDF_NONE for a root PD */
    uint32_t id;   /* as its parent's child */
    const char *setvar_id;
    uint32_t priority;
    uint64_t budget; /* microseconds */
    uint64_t period;
    bool passive;
    bool smc;
    bool fpu;
    uint64_t stack_size;
    uint32_t cpu;
    struct sdf_pos image_pos;
    const char *image_path;             /* program_image path */
    const char *image_path_for_symbols; /* or NULL */
    struct sdf_map *maps;
    size_t map_count;
    struct sdf_irq *irqs;
    size_t irq_count;
    struct sdf_setvar *setvars;
    size_t setvar_count;
    struct sdf_cap *caps;
    size_t cap_count;
    struct sdf_vm *vm; /* or NULL */
};

struct sdf_end {
    struct sdf_pos pos;
    size_t pd; /* index in sdf.pds */
    uint32_t id;
    bool pp;     /* may make protected calls to the other end */
    bool notify; /* may signal the other end */
    const char *setvar_id;
};

struct sdf_channel {
    struct sdf_pos pos;
    struct sdf_end ends[2];
};

struct sdf {
    const char *path; /* of the description, for messages */
    struct sdf_region *regions;
    size_t region_count;
    struct sdf_pd *pds; /* parents before their children */
    size_t pd_count;
    struct sdf_channel *channels;
    size_t channel_count;
    void *arena; /* private to tool/sdf */
};

/* Where messages go. Errors are counted; the tools end with status 1 when there was one. */
struct sdf_messages {
    const char *path; /* of the description */
    size_t error_count;
    size_t warning_count;
    FILE *warnings; /* where they are written once more, for a report; or NULL */
};

/* "Error: <what> on element '<tag>': <path>:<row>:<col>" on stderr. */
void sdf_error(struct sdf_messages *messages, const struct sdf_pos *pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sdf_warning(struct sdf_messages *messages, const struct sdf_pos *pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct sdf_range {
    uint64_t start;
    uint64_t size;
};

/* Registers of the interrupt controller. */
struct sdf_frame {
    const char *name;
    uint64_t start;
    uint64_t size;
    bool is_for_vms; /* a virtual machine's only; else the kernel's */
};

#define SDF_INTID_COUNT 1020 /* as many as a GIC can have */

/* How an interrupt is triggered by the board's device tree; both, if its nodes disagree. */
#define SDF_TRIGGER_LEVEL 0x1
#define SDF_TRIGGER_EDGE  0x2

/* What the board has; check_board.c holds the description against it. */
struct sdf_board {
    const struct sdf_range *ram;
    size_t ram_count;
    const struct sdf_range *reserved; /* RAM that is the firmware's */
    size_t reserved_count;
    const struct sdf_range *devices; /* registers, and windows of buses; none: not known */
    size_t device_count;
    const struct sdf_frame *frames;
    size_t frame_count;
    bool is_gicv3;
    uint32_t intid_count;              /* of the interrupt controller; 0: not known */
    uint32_t ppis;                     /* bit n: INTID n is wired to what a program can use */
    uint32_t kernel_ppis;              /* bit n: the kernel itself handles INTID n */
    uint8_t triggers[SDF_INTID_COUNT]; /* SDF_TRIGGER_*, or 0: not known */
};

struct sdf_options {
    const char *const *search_paths; /* directories, tried in order; the current one comes last */
    size_t search_path_count;
    uint32_t cpu_count;            /* cores of the config: bounds cpu attributes */
    const struct sdf_board *board; /* NULL: nothing is known of it */
    /* Prefill files that do not exist yet are accepted (prefill_file stays NULL): vmconf runs
     * before the device trees that it makes itself exist. */
    bool prefill_may_be_missing;
    /* Regions that overlap are accepted: vmconf refuses them itself, knowing what is there. */
    bool regions_may_overlap;
};

/*
 * Reads the description and proves every rule of contract.md section 3 that needs no ELF file.
 * Reports all errors that can be found, not only the first. Returns NULL when there was one.
 */
struct sdf *sdf_load(const char *path, const struct sdf_options *options,
                     struct sdf_messages *messages);
void sdf_free(struct sdf *sdf);

/* Full path of a file named in the description, allocated in the arena; NULL: not found. */
const char *sdf_find_file(struct sdf *sdf, const struct sdf_options *options, const char *name);

#endif
