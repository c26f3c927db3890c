/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of an interrupt controller, as a table. Most hold one field for each interrupt, in the
 * order of their numbers: a row says how wide it is and how one is read and written. Distributors
 * of both GICs and a GICv3's redistributors have many of them in common (ARM IHI 0048B, 4.3; IHI
 * 0069H, 12.9 and 12.11); each has a few of its own, which come first.
 *
 * What is not in the tables, or belongs to interrupts that do not exist, reads as zero and ignores
 * writes, and so does an access of a size that the register does not support.
 */
#ifndef SLUICE_VMM_IRQ_FRAME_H
#define SLUICE_VMM_IRQ_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/vgic.h"

/* Supported accesses: their bytes. */
#define GIC_BYTES 0x1u
#define GIC_WORDS 0x4u
#define GIC_LONGS 0x8u

struct gic_frame;

struct gic_register {
    uint32_t start;
    uint32_t end;
    uint8_t bits;  /* of each interrupt's field; 0: no such fields, `read` and `write` */
    uint8_t sizes; /* supported accesses: a bit for each number of bytes */
    uint32_t (*get)(const struct vgic *vgic, const struct virq *virq);
    void (*set)(struct vgic *vgic, struct virq *virq, uint32_t field);
    /* The eight bytes at `offset` from the row's start, a multiple of eight. */
    uint64_t (*read)(const struct gic_frame *frame, unsigned int offset);
    /* The access, at `offset` from the row's start. */
    void (*write)(const struct gic_frame *frame, unsigned int offset,
                  const struct mmio_access *access);
};

/* What an access finds. */
struct gic_frame {
    struct vgic *vgic;
    const struct gic_register *rows; /* its own */
    size_t row_count;
    bool has_fields;    /* and those in common, … */
    unsigned int first; /* … of these interrupts: [first, end) */
    unsigned int end;
    unsigned int cpu; /* whose SGIs and PPIs they are */
};

/* `access->offset` is from the frame's start. */
void gic_frame_access(const struct gic_frame *frame, struct mmio_access *access);

#endif
