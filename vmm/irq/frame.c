/* SPDX-License-Identifier: BSD-2-Clause */
/* See frame.h. The rows that distributors and redistributors share. */
#include "vmm/irq/frame.h"

#include <stddef.h>

#define ICFGR_EDGE 0x2u

static uint32_t get_group(const struct vgic *vgic, const struct virq *virq)
{
    (void)vgic;
    return virq->group;
}

static void set_group(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    vgic_set_group(vgic, virq, (uint8_t)field);
}

static uint32_t get_enabled(const struct vgic *vgic, const struct virq *virq)
{
    (void)vgic;
    return virq->enabled;
}

static void set_enabled(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field != 0) {
        vgic_set_enabled(vgic, virq, true);
    }
}

static void clear_enabled(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field != 0) {
        vgic_set_enabled(vgic, virq, false);
    }
}

static uint32_t get_pending(const struct vgic *vgic, const struct virq *virq)
{
    return vgic_is_pending(vgic, virq);
}

/* A GICv2's SGIs have registers of their own: SPENDSGIR, CPENDSGIR. */
static bool is_here(const struct vgic *vgic, const struct virq *virq)
{
    return vgic->is_v3 || virq->intid >= VGIC_SGI_COUNT;
}

static void set_pending(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field == 0 || !is_here(vgic, virq)) {
        return;
    }
    if (virq->intid < VGIC_SGI_COUNT) {
        vgic_raise_sgi(vgic, virq, VGIC_NO_SENDER);
    } else {
        vgic_raise(vgic, virq);
    }
}

static void clear_pending(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field != 0 && is_here(vgic, virq)) {
        vgic_clear_pending(vgic, virq);
    }
}

static uint32_t get_active(const struct vgic *vgic, const struct virq *virq)
{
    return vgic_is_active(vgic, virq);
}

static void set_active(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field != 0) {
        vgic_set_active(vgic, virq, true);
    }
}

static void clear_active(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field != 0) {
        vgic_set_active(vgic, virq, false);
    }
}

static uint32_t get_priority(const struct vgic *vgic, const struct virq *virq)
{
    (void)vgic;
    return virq->priority;
}

static void set_priority(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    vgic_set_priority(vgic, virq, (uint8_t)field);
}

static uint32_t get_trigger(const struct vgic *vgic, const struct virq *virq)
{
    (void)vgic;
    return virq->edge ? ICFGR_EDGE : 0;
}

/* How a physical interrupt triggers is the system description's. */
static void set_trigger(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (virq->intid >= VGIC_PRIVATE_COUNT) {
        vgic_set_trigger(vgic, virq, (field & ICFGR_EDGE) != 0);
    }
}

/* IGROUPR, ISENABLER and ICENABLER, ISPENDR and ICPENDR, ISACTIVER and ICACTIVER, IPRIORITYR, ICFGR
 */
static const struct gic_register shared[] = {
    {0x080, 0x100, 1, GIC_WORDS, .get = get_group, .set = set_group},
    {0x100, 0x180, 1, GIC_WORDS, .get = get_enabled, .set = set_enabled},
    {0x180, 0x200, 1, GIC_WORDS, .get = get_enabled, .set = clear_enabled},
    {0x200, 0x280, 1, GIC_WORDS, .get = get_pending, .set = set_pending},
    {0x280, 0x300, 1, GIC_WORDS, .get = get_pending, .set = clear_pending},
    {0x300, 0x380, 1, GIC_WORDS, .get = get_active, .set = set_active},
    {0x380, 0x400, 1, GIC_WORDS, .get = get_active, .set = clear_active},
    {0x400, 0x7fc, 8, GIC_BYTES | GIC_WORDS, .get = get_priority, .set = set_priority},
    {0xc00, 0xd00, 2, GIC_WORDS, .get = get_trigger, .set = set_trigger},
};

static const struct gic_register *find_in(const struct gic_register *rows, size_t count,
                                          uint64_t offset)
{
    for (size_t i = 0; i < count; i++) {
        if (offset >= rows[i].start && offset < rows[i].end) {
            return &rows[i];
        }
    }
    return NULL;
}

static const struct gic_register *find_register(const struct gic_frame *frame, uint64_t offset)
{
    const struct gic_register *reg = find_in(frame->rows, frame->row_count, offset);

    if (reg == NULL && frame->has_fields) {
        reg = find_in(shared, sizeof(shared) / sizeof(shared[0]), offset);
    }
    return reg;
}

/* The fields that an access covers, lowest interrupt first. */
static void access_fields(const struct gic_frame *frame, const struct gic_register *reg,
                          struct mmio_access *access)
{
    unsigned int bits = reg->bits;
    unsigned int mask = (1u << bits) - 1;
    unsigned int first = ((unsigned int)access->offset - reg->start) * 8 / bits;

    for (unsigned int i = 0; i < access->size * 8 / bits; i++) {
        unsigned int intid = first + i;
        struct virq *virq = vgic_find(frame->vgic, frame->cpu, intid);

        if (intid < frame->first || intid >= frame->end || virq == NULL) {
            continue;
        }
        if (!access->is_write) {
            access->value |= (uint64_t)(reg->get(frame->vgic, virq) & mask) << i * bits;
        } else if (reg->set != NULL) {
            reg->set(frame->vgic, virq, (uint32_t)(access->value >> i * bits) & mask);
        }
    }
}

static void access_whole(const struct gic_frame *frame, const struct gic_register *reg,
                         struct mmio_access *access)
{
    unsigned int offset = (unsigned int)access->offset - reg->start;

    if (!access->is_write && reg->read != NULL) {
        uint64_t value = reg->read(frame, offset & ~7u) >> (offset & 4) * 8;

        access->value = access->size == 8 ? value : (uint32_t)value;
    } else if (access->is_write && reg->write != NULL) {
        reg->write(frame, offset, access);
    }
}

void gic_frame_access(const struct gic_frame *frame, struct mmio_access *access)
{
    const struct gic_register *reg = find_register(frame, access->offset);

    if (!access->is_write) {
        access->value = 0;
    }
    if (reg == NULL || (reg->sizes & access->size) == 0 || access->offset % access->size != 0) {
        return;
    }
    if (reg->bits != 0) {
        access_fields(frame, reg, access);
    } else {
        access_whole(frame, reg, access);
    }
}
