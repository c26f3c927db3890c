/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See gicv3.h; ARM IHI 0069H. One security state (GICD_CTLR.DS), affinity routing always
 * (GICD_CTLR.ARE), no LPIs, no interrupts to one of several CPUs (GICD_TYPER.No1N).
 */
#include "vmm/irq/gicv3.h"

#include <stddef.h>

#include "vmm/irq/frame.h"

#define CTLR_ARE 0x10u
#define CTLR_DS  0x40u
#define IIDR_ARM 0x43bu

#define TYPER_IDBITS (9u << 19) /* ten */
#define TYPER_A3V    (1u << 24)
#define TYPER_NO1N   (1u << 25)

#define RTYPER_LAST      (1u << 4)
#define RTYPER_CPU_SHIFT 8
#define FRAME_SIZE       0x10000u /* of a redistributor: its own, SGIs and PPIs */
#define ROUTERS(count)   (0x6000u + (count)*8u)

#define WAKER_PROCESSOR_SLEEP (1u << 1)
#define WAKER_CHILDREN_ASLEEP (1u << 2)

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define SGIR_LIST(value)  ((uint32_t)((value)&0xffff))
#define SGIR_INTID(value) ((unsigned int)((value) >> 24 & 0xf))
#define SGIR_IRM(value)   ((value) >> 40 & 1)
#define SGIR_RS(value)    ((unsigned int)((value) >> 44 & 0xf))
#define AFFINITY_ALL      0xff00ffffffUL
#define AFFINITY_0        0xffUL

/* ---- The distributor ---- */

/* GICD_CTLR, GICD_TYPER, GICD_IIDR */
static uint64_t read_first(const struct gic_frame *frame, unsigned int offset)
{
    const struct vgic *vgic = frame->vgic;
    uint32_t type = ((vgic->intid_count + 31) / 32 - 1) | TYPER_IDBITS | TYPER_A3V | TYPER_NO1N;

    return offset == 0 ? (vgic->control | CTLR_ARE | CTLR_DS) | (uint64_t)type << 32 : IIDR_ARM;
}

static void write_first(const struct gic_frame *frame, unsigned int offset,
                        const struct mmio_access *access)
{
    if (offset == 0) {
        vgic_set_control(frame->vgic, (uint32_t)access->value);
    }
}

/* GICD_IROUTER<n>, from n = 32 on */
static struct virq *routed(const struct gic_frame *frame, unsigned int offset)
{
    return vgic_find(frame->vgic, 0, VGIC_PRIVATE_COUNT + offset / 8);
}

static uint64_t read_router(const struct gic_frame *frame, unsigned int offset)
{
    const struct virq *virq = routed(frame, offset);

    return virq != NULL ? virq->route : 0;
}

/* To the CPU of this affinity, if there is one. */
static void set_route(struct vgic *vgic, struct virq *virq, uint64_t route)
{
    uint8_t targets = 0;

    for (unsigned int i = 0; i < vgic->cpu_count; i++) {
        if (vgic->cpus[i].mpidr == route) {
            targets = (uint8_t)(1u << i);
        }
    }
    virq->route = route;
    vgic_set_targets(vgic, virq, targets);
}

static void write_router(const struct gic_frame *frame, unsigned int offset,
                         const struct mmio_access *access)
{
    struct virq *virq = routed(frame, offset);
    unsigned int shift = (offset & 4) * 8;
    uint64_t mask = access->size == 8 ? ~0UL : 0xffffffffUL << shift;

    if (virq != NULL) {
        set_route(frame->vgic, virq,
                  ((virq->route & ~mask) | (access->value << shift & mask)) & AFFINITY_ALL);
    }
}

/* Peripheral and component identification, 0xffd0 to 0xfffc: a GICv3 by Arm. */
static uint64_t read_identification(const struct gic_frame *frame, unsigned int offset)
{
    static const uint8_t ids[] = {0x44, 0, 0, 0, 0x92, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    (void)frame;
    return ids[offset / 4] | (uint64_t)ids[offset / 4 + 1] << 32;
}

static const struct gic_register distributor[] = {
    {0x0000, 0x000c, 0, GIC_WORDS, .read = read_first, .write = write_first},
    {ROUTERS(VGIC_PRIVATE_COUNT), ROUTERS(VGIC_INTID_COUNT), 0, GIC_WORDS | GIC_LONGS,
     .read = read_router, .write = write_router},
    {0xffd0, 0x10000, 0, GIC_WORDS, .read = read_identification},
};

static bool distributor_access(void *context, struct mmio_access *access)
{
    struct vgic *vgic = context;
    const struct gic_frame frame = {.vgic = vgic,
                                    .rows = distributor,
                                    .row_count = ROWS(distributor),
                                    .has_fields = true,
                                    .first = VGIC_PRIVATE_COUNT,
                                    .end = vgic->intid_count};

    gic_frame_access(&frame, access);
    return true;
}

const struct mmio_ops gicv3_distributor_ops = {.access = distributor_access};

/* ---- Redistributors ---- */

/* GICR_CTLR, GICR_IIDR */
static uint64_t read_redistributor(const struct gic_frame *frame, unsigned int offset)
{
    (void)frame;
    (void)offset;
    return (uint64_t)IIDR_ARM << 32;
}

/* GICR_TYPER */
static uint64_t read_type(const struct gic_frame *frame, unsigned int offset)
{
    const struct vgic *vgic = frame->vgic;
    uint64_t affinity = vgic->cpus[frame->cpu].mpidr;
    bool is_last = frame->cpu == vgic->cpu_count - 1;

    (void)offset;
    return (affinity >> 8 & 0xff000000) << 32 | (affinity & 0xffffff) << 32 |
           frame->cpu << RTYPER_CPU_SHIFT | (is_last ? RTYPER_LAST : 0);
}

/* GICR_WAKER, above GICR_STATUSR, which is not there. Who sleeps is interrupted all the same. */
static uint64_t read_waker(const struct gic_frame *frame, unsigned int offset)
{
    (void)offset;
    return frame->vgic->cpus[frame->cpu].is_asleep
               ? (uint64_t)(WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP) << 32
               : 0;
}

static void write_waker(const struct gic_frame *frame, unsigned int offset,
                        const struct mmio_access *access)
{
    if (offset == 4) {
        frame->vgic->cpus[frame->cpu].is_asleep = (access->value & WAKER_PROCESSOR_SLEEP) != 0;
    }
}

static const struct gic_register redistributor[] = {
    {0x0000, 0x0008, 0, GIC_WORDS, .read = read_redistributor},
    {0x0008, 0x0010, 0, GIC_WORDS | GIC_LONGS, .read = read_type},
    {0x0010, 0x0018, 0, GIC_WORDS, .read = read_waker, .write = write_waker},
    {0xffd0, 0x10000, 0, GIC_WORDS, .read = read_identification},
};

static bool redistributor_access(void *context, struct mmio_access *access)
{
    struct vgic *vgic = context;
    unsigned int cpu = (unsigned int)(access->offset / GICV3_REDISTRIBUTOR_SIZE);
    bool has_fields = access->offset % GICV3_REDISTRIBUTOR_SIZE >= FRAME_SIZE;
    const struct gic_frame frame = {.vgic = vgic,
                                    .rows = redistributor,
                                    .row_count = has_fields ? 0 : ROWS(redistributor),
                                    .has_fields = has_fields,
                                    .end = VGIC_PRIVATE_COUNT,
                                    .cpu = cpu};

    access->offset %= FRAME_SIZE;
    gic_frame_access(&frame, access);
    return true;
}

const struct mmio_ops gicv3_redistributor_ops = {.access = redistributor_access};

/* ---- SGIs ---- */

static bool is_addressed(const struct vgic *vgic, unsigned int cpu, uint64_t value)
{
    uint64_t affinity = vgic->cpus[cpu].mpidr;
    uint64_t cluster = (value >> 16 & 0xff) << 8 | (value >> 32 & 0xff) << 16 |
                       (value >> 48 & 0xff) << 32; /* Aff1, Aff2, Aff3 */
    unsigned int level0 = (unsigned int)(affinity & AFFINITY_0);

    return (affinity & ~AFFINITY_0) == cluster && level0 / 16 == SGIR_RS(value) &&
           (SGIR_LIST(value) & 1u << level0 % 16) != 0;
}

/* With one security state SGI1R may send any, the two others those of group 0. */
void gicv3_send_sgi(struct vgic *vgic, unsigned int cpu, enum gicv3_sgi reg, uint64_t value)
{
    unsigned int intid = SGIR_INTID(value);

    for (unsigned int i = 0; i < vgic->cpu_count; i++) {
        struct virq *virq = &vgic->cpus[i].private_irqs[intid];

        if ((SGIR_IRM(value) != 0 ? i != cpu : is_addressed(vgic, i, value)) &&
            (reg == GICV3_SGI1R || virq->group == 0)) {
            vgic_raise_sgi(vgic, virq, VGIC_NO_SENDER);
        }
    }
}
