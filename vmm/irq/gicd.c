/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distributor of a GICv2 (ARM IHI 0048B, chapter 4.3), as a table of registers. Most hold one
 * field for each interrupt, in the order of their numbers: a row says how wide it is and how one
 * is read and written. A GICv3's distributor has the same rows and a few of its own.
 *
 * What is not in the table, or belongs to interrupts that do not exist, reads as zero and ignores
 * writes, and so does an access of a size that the register does not support (4.1.4).
 */
#include "vmm/irq/gicd.h"

#include <stddef.h>

#define BYTES 0x1u /* byte accesses are supported */
#define WORDS 0x4u

#define TYPER_CPU_SHIFT     5
#define IIDR_ARM            0x43bu
#define SGIR_FILTER(value)  ((value) >> 24 & 0x3)
#define SGIR_TARGETS(value) ((value) >> 16 & 0xff)
#define SGIR_INTID(value)   ((value)&0xf)

#define ICFGR_EDGE 0x2u

enum sgir_filter {
    SGIR_TO_LIST,
    SGIR_TO_OTHERS,
    SGIR_TO_SELF,
};

struct gicd_register {
    uint16_t start;
    uint16_t end;
    uint8_t bits;  /* of each interrupt's field; 0: no such fields, `read` and `write` */
    uint8_t sizes; /* supported accesses: a bit for each number of bytes */
    uint32_t (*get)(const struct vgic *vgic, const struct virq *virq);
    void (*set)(struct vgic *vgic, struct virq *virq, uint32_t field);
    uint32_t (*read)(const struct vgic *vgic, unsigned int offset);
    void (*write)(struct vgic *vgic, unsigned int cpu, uint32_t value);
};

static uint32_t read_control(const struct vgic *vgic, unsigned int offset)
{
    (void)offset;
    return vgic->control;
}

static void write_control(struct vgic *vgic, unsigned int cpu, uint32_t value)
{
    (void)cpu;
    vgic_set_control(vgic, value);
}

static uint32_t read_type(const struct vgic *vgic, unsigned int offset)
{
    (void)offset;
    return ((vgic->intid_count + 31) / 32 - 1) | (vgic->cpu_count - 1) << TYPER_CPU_SHIFT;
}

static uint32_t read_implementer(const struct vgic *vgic, unsigned int offset)
{
    (void)vgic;
    (void)offset;
    return IIDR_ARM;
}

/* Peripheral and component identification, 0xfd0 to 0xffc: a GICv2 by Arm. */
static uint32_t read_identification(const struct vgic *vgic, unsigned int offset)
{
    static const uint8_t ids[] = {0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    (void)vgic;
    return ids[offset / 4];
}

static void write_sgi(struct vgic *vgic, unsigned int cpu, uint32_t value)
{
    unsigned int targets;

    switch (SGIR_FILTER(value)) {
    case SGIR_TO_LIST:
        targets = SGIR_TARGETS(value);
        break;
    case SGIR_TO_OTHERS:
        targets = ~(1u << cpu);
        break;
    case SGIR_TO_SELF:
        targets = 1u << cpu;
        break;
    default:
        return;
    }
    vgic_send_sgi(vgic, cpu, targets, SGIR_INTID(value));
}

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

/* SGIs have registers of their own: SPENDSGIR, CPENDSGIR. */
static void set_pending(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field != 0 && virq->intid >= VGIC_SGI_COUNT) {
        vgic_raise(vgic, virq);
    }
}

static void clear_pending(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    if (field != 0 && virq->intid >= VGIC_SGI_COUNT) {
        vgic_clear_pending(vgic, virq);
    }
}

/* Writes are ignored: the active state is in list registers that the VMM cannot write. */
static uint32_t get_active(const struct vgic *vgic, const struct virq *virq)
{
    return vgic_is_active(vgic, virq);
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

static uint32_t get_trigger(const struct vgic *vgic, const struct virq *virq)
{
    (void)vgic;
    return virq->edge ? ICFGR_EDGE : 0;
}

/* Kept for the guest to read. How the physical interrupt triggers is the system description's. */
static void set_trigger(struct vgic *vgic, struct virq *virq, uint32_t field)
{
    (void)vgic;
    if (virq->intid >= VGIC_PRIVATE_COUNT) {
        virq->edge = (field & ICFGR_EDGE) != 0;
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

static const struct gicd_register registers[] = {
    /* GICD_CTLR */
    {0x000, 0x004, 0, WORDS, .read = read_control, .write = write_control},
    /* GICD_TYPER */
    {0x004, 0x008, 0, WORDS, .read = read_type},
    /* GICD_IIDR */
    {0x008, 0x00c, 0, WORDS, .read = read_implementer},
    /* GICD_IGROUPR */
    {0x080, 0x100, 1, WORDS, .get = get_group, .set = set_group},
    /* GICD_ISENABLER, ICENABLER */
    {0x100, 0x180, 1, WORDS, .get = get_enabled, .set = set_enabled},
    {0x180, 0x200, 1, WORDS, .get = get_enabled, .set = clear_enabled},
    /* GICD_ISPENDR, ICPENDR */
    {0x200, 0x280, 1, WORDS, .get = get_pending, .set = set_pending},
    {0x280, 0x300, 1, WORDS, .get = get_pending, .set = clear_pending},
    /* GICD_ISACTIVER, ICACTIVER */
    {0x300, 0x380, 1, WORDS, .get = get_active},
    {0x380, 0x400, 1, WORDS, .get = get_active},
    /* GICD_IPRIORITYR */
    {0x400, 0x7fc, 8, BYTES | WORDS, .get = get_priority, .set = set_priority},
    /* GICD_ITARGETSR */
    {0x800, 0xbfc, 8, BYTES | WORDS, .get = get_targets, .set = set_targets},
    /* GICD_ICFGR */
    {0xc00, 0xd00, 2, WORDS, .get = get_trigger, .set = set_trigger},
    /* GICD_SGIR */
    {0xf00, 0xf04, 0, WORDS, .write = write_sgi},
    /* GICD_CPENDSGIR, SPENDSGIR */
    {0xf10, 0xf20, 8, BYTES | WORDS, .get = get_sgi_sources, .set = clear_sgi_sources},
    {0xf20, 0xf30, 8, BYTES | WORDS, .get = get_sgi_sources, .set = set_sgi_sources},
    /* Identification */
    {0xfd0, 0x1000, 0, WORDS, .read = read_identification},
};

static const struct gicd_register *find_register(uint64_t offset)
{
    for (unsigned int i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        if (offset >= registers[i].start && offset < registers[i].end) {
            return &registers[i];
        }
    }
    return NULL;
}

/* The fields that an access covers, lowest interrupt first. */
static void access_fields(struct vgic *vgic, const struct gicd_register *reg,
                          struct mmio_access *access)
{
    unsigned int bits = reg->bits;
    unsigned int mask = (1u << bits) - 1;
    unsigned int first = ((unsigned int)access->offset - reg->start) * 8 / bits;

    for (unsigned int i = 0; i < access->size * 8 / bits; i++) {
        struct virq *virq = vgic_find(vgic, access->cpu, first + i);

        if (virq == NULL) {
            return;
        }
        if (!access->is_write) {
            access->value |= (uint64_t)(reg->get(vgic, virq) & mask) << i * bits;
        } else if (reg->set != NULL) {
            reg->set(vgic, virq, (uint32_t)(access->value >> i * bits) & mask);
        }
    }
}

static void access_whole(struct vgic *vgic, const struct gicd_register *reg,
                         struct mmio_access *access)
{
    if (!access->is_write && reg->read != NULL) {
        access->value = reg->read(vgic, (unsigned int)access->offset - reg->start);
    } else if (access->is_write && reg->write != NULL) {
        reg->write(vgic, access->cpu, (uint32_t)access->value);
    }
}

static bool gicd_access(void *context, struct mmio_access *access)
{
    const struct gicd_register *reg = find_register(access->offset);

    if (!access->is_write) {
        access->value = 0;
    }
    if (reg == NULL || (reg->sizes & access->size) == 0 || access->offset % access->size != 0) {
        return true;
    }
    if (reg->bits != 0) {
        access_fields(context, reg, access);
    } else {
        access_whole(context, reg, access);
    }
    return true;
}

const struct mmio_ops gicd_v2_ops = {.access = gicd_access};
