/* SPDX-License-Identifier: BSD-2-Clause */
/* The distributor of a GICv2 (ARM IHI 0048B, chapter 4.3): what frame.c does not have. */
#include "vmm/irq/gicd.h"

#include <stddef.h>

#include "vmm/irq/frame.h"

#define TYPER_CPU_SHIFT     5
#define IIDR_ARM            0x43bu
#define SGIR_FILTER(value)  ((value) >> 24 & 0x3)
#define SGIR_TARGETS(value) ((value) >> 16 & 0xff)
#define SGIR_INTID(value)   ((value)&0xf)

enum sgir_filter {
    SGIR_TO_LIST,
    SGIR_TO_OTHERS,
    SGIR_TO_SELF,
};

/* GICD_CTLR, GICD_TYPER, GICD_IIDR */
static uint64_t read_first(const struct gic_frame *frame, unsigned int offset)
{
    const struct vgic *vgic = frame->vgic;
    uint32_t type = ((vgic->intid_count + 31) / 32 - 1) | (vgic->cpu_count - 1) << TYPER_CPU_SHIFT;

    return offset == 0 ? vgic->control | (uint64_t)type << 32 : IIDR_ARM;
}

static void write_first(const struct gic_frame *frame, unsigned int offset,
                        const struct mmio_access *access)
{
    if (offset == 0) {
        vgic_set_control(frame->vgic, (uint32_t)access->value);
    }
}

/* Peripheral and component identification, 0xfd0 to 0xffc: a GICv2 by Arm. */
static uint64_t read_identification(const struct gic_frame *frame, unsigned int offset)
{
    static const uint8_t ids[] = {0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    (void)frame;
    return ids[offset / 4] | (uint64_t)ids[offset / 4 + 1] << 32;
}

static void send_sgi(struct vgic *vgic, unsigned int source, unsigned int targets,
                     unsigned int intid)
{
    for (unsigned int i = 0; i < vgic->cpu_count; i++) {
        if ((targets & 1u << i) != 0) {
            vgic_raise_sgi(vgic, &vgic->cpus[i].private_irqs[intid], (uint8_t)(1u << source));
        }
    }
}

static void write_sgi(const struct gic_frame *frame, unsigned int offset,
                      const struct mmio_access *access)
{
    uint32_t value = (uint32_t)access->value;
    unsigned int targets;

    (void)offset;
    switch (SGIR_FILTER(value)) {
    case SGIR_TO_LIST:
        targets = SGIR_TARGETS(value);
        break;
    case SGIR_TO_OTHERS:
        targets = ~(1u << frame->cpu);
        break;
    case SGIR_TO_SELF:
        targets = 1u << frame->cpu;
        break;
    default:
        return;
    }
    send_sgi(frame->vgic, frame->cpu, targets, SGIR_INTID(value));
}

/* With one CPU it reads as zero (4.3.12). SGIs and PPIs say which CPU reads. */
static uint32_t get_targets(const struct vgic *vgic, const struct virq *virq)
{
    if (vgic->cpu_count == 1) {
        return 0;
    }
    return virq->intid < VGIC_PRIVATE_COUNT ? 1u << virq->cpu : virq->targets;
}

static void set_targets(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (vgic->cpu_count > 1 && virq->intid >= VGIC_PRIVATE_COUNT) {
        vgic_set_targets(vgic, virq, (uint8_t)field);
    }
}

static uint32_t get_sgi_sources(const struct vgic *vgic, const struct virq *virq)
{
    return vgic_sgi_sources(vgic, virq);
}

static void set_sgi_sources(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    vgic_raise_sgi(vgic, virq, (uint8_t)(field & ((1u << vgic->cpu_count) - 1)));
}

static void clear_sgi_sources(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field != 0) {
        vgic_clear_sgi(vgic, virq, (uint8_t)field);
    }
}

static const struct gic_register registers[] = {
    /* GICD_CTLR, TYPER, IIDR */
    {0x000, 0x00c, 0, GIC_WORDS, .read = read_first, .write = write_first},
    /* GICD_ITARGETSR */
    {0x800, 0xbfc, 8, GIC_BYTES | GIC_WORDS, .get = get_targets, .set = set_targets},
    /* GICD_SGIR */
    {GICD_SGIR, GICD_SGIR + 4, 0, GIC_WORDS, .write = write_sgi},
    /* GICD_CPENDSGIR, SPENDSGIR */
    {0xf10, 0xf20, 8, GIC_BYTES | GIC_WORDS, .get = get_sgi_sources, .set = clear_sgi_sources},
    {0xf20, 0xf30, 8, GIC_BYTES | GIC_WORDS, .get = get_sgi_sources, .set = set_sgi_sources},
    /* Identification */
    {0xfd0, 0x1000, 0, GIC_WORDS, .read = read_identification},
};

static bool gicd_access(void *context, struct mmio_access *access)
{
    struct vgic *vgic = context;
    const struct gic_frame frame = {.vgic = vgic,
                                    .rows = registers,
                                    .row_count = sizeof(registers) / sizeof(registers[0]),
                                    .has_fields = true,
                                    .end = vgic->intid_count,
                                    .cpu = access->cpu};

    gic_frame_access(&frame, access);
    return true;
}

const struct mmio_ops gicd_v2_ops = {.access = gicd_access};
