/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt controllers behind one table of operations: one kernel binary serves GICv2 and
 * GICv3, the image says which.
 *
 * Life of a physical interrupt (GIC EOImode 1): acknowledge makes it active and raises the
 * running priority; drop lowers that again, at once; deactivate, when its owner has dealt with
 * it, lets it fire again. All operations concern the calling core; SPIs may be deactivated from
 * any.
 */
#ifndef SLUICE_KERNEL_DEV_GIC_H
#define SLUICE_KERNEL_DEV_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"

#define GIC_SPURIOUS       1020U /* and the three above: acknowledge found nothing */
#define GIC_SPURIOUS_COUNT 4U
#define GIC_IPI            0U /* the SGI by which cores call each other */
#define GIC_POST           1U /* … and the one that says: for a guest, there is one */
#define GIC_CORE_SGIS      2U
#define GIC_FIRST_SPI      32U
#define GIC_PHYSICAL_TIMER 30U /* of EL1, on every machine (Arm BSA) */
#define GIC_VIRTUAL_INTIDS \
    1019U /* below it: 1019 is the driver's own, those behind are no interrupts */
#define GIC_LIST_REGISTERS 3U /* how many hold virtual interrupts; one more is GICv2's driver's */
#define GIC_ACTIVE_WORDS   4U

/* A virtual interrupt as the kernel speaks of it; the operations encode it. */
struct gic_virq {
    uint32_t intid;
    uint8_t priority; /* 0 (highest) .. 31 */
    uint8_t group;    /* 0 or 1 */
    uint8_t source;   /* of an SGI: the guest's CPU, 0..7; GICv3 does not tell it */
};

/* What the maintenance interrupt comes for. */
enum gic_notice {
    GIC_NOTICE_NOTHING,    /* it does not come at all */
    GIC_NOTICE_ENDED,      /* the EOI of what list_encode() encoded; so do the next two */
    GIC_NOTICE_UNLISTED,   /* the EOI of what is in no list register; so does the next */
    GIC_NOTICE_NO_PENDING, /* no list register holds a pending one */
};

/* Virtual interface state of a vCPU that is not on its core. */
struct gic_vcpu {
    uint64_t list[GIC_LIST_REGISTERS];
    uint64_t vmcr;
    uint64_t active[GIC_ACTIVE_WORDS]; /* active priorities: APR, or ICH_AP0R<n>, ICH_AP1R<n> */
    enum gic_notice notice;
};

struct gic_ops {
    const char *name;
    bool has_registers; /* guests have ICC_*_EL1, and no memory-mapped CPU interface */
    /* Boot core, once: distributor off, every SPI disabled and inactive, then on. Returns how many
     * interrupts there are, or 0 if the hardware is not this kind. */
    uint32_t (*init)(const struct image_machine *machine);
    /* Each core: its interface on, with separate drop and deactivate. */
    void (*init_cpu)(unsigned int cpu);

    uint32_t (*acknowledge)(void); /* what gic_is_interrupt() knows */
    void (*drop)(uint32_t intid);
    void (*deactivate)(uint32_t intid);
    /* An SPI goes to the calling core. */
    void (*enable)(uint32_t intid, bool edge);
    /* Interrupts a core, by GIC_IPI or GIC_POST. It then sees what this one stored before. */
    void (*send_ipi)(unsigned int cpu, uint32_t intid);
    void (*set_target)(uint32_t intid, unsigned int cpu); /* an SPI's core */
    void (*set_enabled)(uint32_t intid, bool enabled);    /* disabled: it waits at the GIC */
    /* Of SPIs, and of PPIs on this core. LPIs are never active, and pending where nobody sees it.
     */
    void (*set_active)(uint32_t intid, bool active);
    bool (*is_active)(uint32_t intid);
    bool (*is_pending)(uint32_t intid);
    void (*clear_pending)(uint32_t intid); /* an edge that was latched */
    void (*set_pending)(uint32_t intid);   /* as if one had come */

    void (*vcpu_save)(struct gic_vcpu *vcpu);
    void (*vcpu_load)(const struct gic_vcpu *vcpu);
    void (*set_notice)(enum gic_notice notice);
    uint64_t (*list_encode)(struct gic_virq virq); /* pending, with a maintenance event at EOI */
    /* Pending; the guest's EOI deactivates the physical interrupt of the same number. */
    uint64_t (*list_encode_direct)(struct gic_virq virq);
    /* Pending; there is no physical one to deactivate, and no maintenance event: of an LPI or an
     * SGI. */
    uint64_t (*list_encode_message)(struct gic_virq virq);
    uint64_t (*list_repeat)(uint64_t value); /* the same, pending once more if it is active */
    uint64_t (*list_report)(uint64_t value); /* the same of such a one, with that event */
    void (*list_write)(unsigned int index, uint64_t value);
    uint64_t (*list_read)(unsigned int index);
    bool (*list_is_pending)(uint64_t value); /* pending, or pending and active */
    bool (*list_is_active)(uint64_t value);
    bool (*list_is_direct)(uint64_t value); /* as list_encode_direct() made it */
    uint32_t (*list_intid)(uint64_t value); /* the virtual one; of a direct one, the physical too */
    uint8_t (*list_priority)(uint64_t value);  /* 0 (highest) .. 31 */
    uint64_t (*list_activate)(uint64_t value); /* the same, taken by the guest already */
    /* Whether the guest's core is, or would be, interrupted by what the list registers hold: it is
     * pending, its group is enabled, and neither the priority mask nor an active interrupt stands
     * before it. NULL: the vCPU that is loaded. */
    bool (*is_signalling)(const struct gic_vcpu *vcpu);
    /* Pending or active, or ended and not yet reported by take_ended(). */
    bool (*list_is_used)(uint64_t value);
    /* The list registers of the loaded vCPU of which that is true: a bit for each. */
    uint32_t (*lists_used)(void);
    /* Into the first list register of the loaded vCPU, if all are free: true. */
    bool (*list_write_first)(uint64_t value);
    /* drop() of what goes into a free list register of the loaded vCPU: its index, or -1: all are
     * used, and nothing was done. */
    int (*drop_to_list)(uint32_t intid, uint64_t value);
    /* The same into the first one, if all are free: true. GICv3's alone. */
    bool (*drop_to_first)(uint32_t intid, uint64_t value);
    /* List registers of the loaded vCPU whose interrupt the guest has EOI'd since last asked;
     * clears what made them report. */
    uint32_t (*take_ended)(void);
    /* How many EOIs of the loaded vCPU, since last asked or since set_notice(), were of interrupts
     * that were in no list register. */
    uint32_t (*take_unlisted)(void);
};

extern const struct gic_ops gicv2_ops;
extern const struct gic_ops gicv3_ops;

/* The PPIs that the kernel itself handles, as the image says. */
struct gic_intids {
    uint32_t maintenance;
    uint32_t hyp_timer;
    uint32_t virtual_timer;
};

/* Both set once at boot. */
extern const struct gic_ops *gic;
extern struct gic_intids gic_intids;

/* Whether acknowledge() has found one: INTIDs of LPIs are above those of nothing. */
static inline bool gic_is_interrupt(uint32_t intid)
{
    return intid - GIC_SPURIOUS >= GIC_SPURIOUS_COUNT;
}

/* How many interrupts there are, SGIs and PPIs among them, where GICD_TYPER tells of `lines`. */
static inline uint32_t gic_count(uint32_t lines)
{
    return lines < GIC_SPURIOUS ? lines : GIC_SPURIOUS;
}

/* Chooses and starts the machine's GIC; panics if it is not there. */
void gic_init(const struct image_machine *machine);
/* On each core. */
void gic_init_cpu(unsigned int cpu);

#endif
