/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv2 (IHI 0048): distributor, CPU interface, and the virtual interface control registers
 * (GICH) that present virtual interrupts to the guest on this core.
 */
#include "kernel/arch/arch.h"
#include "kernel/dev/gic.h"
#include "kernel/lib/log.h"

#define GICD_CTLR            0x000
#define GICD_TYPER           0x004
#define GICD_ISENABLER       0x100
#define GICD_ICENABLER       0x180
#define GICD_ICPENDR         0x280
#define GICD_ISACTIVER       0x300
#define GICD_ICACTIVER       0x380
#define GICD_IPRIORITYR      0x400
#define GICD_ITARGETSR       0x800
#define GICD_ICFGR           0xc00
#define GICD_SGIR            0xf00
#define GICD_PIDR2           0xfe8
#define SGIR_TARGETS_SHIFT   16
#define PIDR2_ARCHREV(value) ((value) >> 4 & 0xf)

#define GICC_CTLR    0x0000
#define GICC_PMR     0x0004
#define GICC_IAR     0x000c
#define GICC_EOIR    0x0010
#define GICC_DIR     0x1000
#define IAR_INTID    0x3ffU
#define CTLR_ENABLE  (1U << 0)
#define CTLR_EOIMODE (1U << 9)
#define PMR_ALL      0xff

#define GICH_HCR   0x000
#define GICH_VTR   0x004
#define GICH_VMCR  0x008
#define GICH_EISR0 0x020
#define GICH_ELSR0 0x030
#define GICH_APR   0x0f0
#define GICH_LR    0x100
#define HCR_EN     (1U << 0)
#define HCR_UIE    (1U << 1)
#define HCR_NPIE   (1U << 3)

#define LR_HW             (1U << 31)
#define LR_ACTIVE         (1U << 29)
#define LR_PENDING        (1U << 28)
#define LR_EOI            (1U << 19)
#define LR_GROUP1         (1U << 30)
#define LR_PRIORITY_SHIFT 23
#define LR_INTID          0x3ffU
#define LR_PHYSICAL_SHIFT 10
#define LR_ALL            ((1U << GIC_LIST_REGISTERS) - 1)

/* The list register behind those that hold virtual interrupts. While the maintenance interrupt is
 * not wanted, it is off at the distributor, this one holds an active interrupt that nobody ever
 * acknowledged, and "one list register at most is in use" is asked for: so the maintenance line
 * goes up just when the guest ends its last interrupt. The architecture needs none of this. QEMU's
 * GICv2 does: a virtual EOI deactivates the physical interrupt there, but whether that one is due
 * again, its line being up, is only looked at when another line or register changes
 * (docs/decisions/0005). */
#define LR_SENTINEL GIC_LIST_REGISTERS
#define SENTINEL    (LR_ACTIVE | LR_LOWEST | 1019U)
#define LR_LOWEST   (0x1fU << LR_PRIORITY_SHIFT)

/* Below the top, so that a later use of priorities has room on both sides; not 0xff: masked. */
#define PRIORITY_DEFAULT 0x80808080U

static uint64_t gicd;
static uint64_t gicc;
static uint64_t gich;
static uint8_t targets[ABI_MAX_CPUS]; /* by core: its bit in the distributor */

static uint64_t bit_register(uint32_t base, uint32_t intid)
{
    return gicd + base + intid / 32 * 4;
}

static uint32_t bit(uint32_t intid)
{
    return 1U << intid % 32;
}

static bool init(const struct image_machine *machine)
{
    uint32_t lines;

    gicd = machine->gicd;
    gicc = machine->gicc;
    gich = machine->gich;
    if (PIDR2_ARCHREV(arch_read32(gicd + GICD_PIDR2)) != 2) {
        return false;
    }
    lines = ((arch_read32(gicd + GICD_TYPER) & 0x1f) + 1) * 32;
    lines = lines < GIC_SPURIOUS ? lines : GIC_SPURIOUS;
    if (lines != machine->intid_count) {
        panic("interrupt controller: expected %u interrupts, found %u", machine->intid_count,
              lines);
    }
    arch_write32(gicd + GICD_CTLR, 0);
    for (uint32_t intid = GIC_FIRST_SPI; intid < lines; intid += 32) {
        arch_write32(bit_register(GICD_ICENABLER, intid), ~0U);
        arch_write32(bit_register(GICD_ICPENDR, intid), ~0U);
        arch_write32(bit_register(GICD_ICACTIVER, intid), ~0U);
    }
    for (uint32_t intid = GIC_FIRST_SPI; intid < lines; intid += 4) {
        arch_write32(gicd + GICD_IPRIORITYR + intid, PRIORITY_DEFAULT);
    }
    arch_write32(gicd + GICD_CTLR, CTLR_ENABLE);
    return true;
}

/* The distributor's bit for the calling core; it reads as zero where there is one core only. */
static uint8_t own_target(void)
{
    uint8_t target = (uint8_t)arch_read32(gicd + GICD_ITARGETSR);

    return target != 0 ? target : 1;
}

static void init_cpu(unsigned int cpu)
{
    unsigned int list_count;

    targets[cpu] = own_target();
    arch_write32(gicd + GICD_ICENABLER, ~0U);
    arch_write32(gicd + GICD_ICPENDR, ~0U);
    arch_write32(gicd + GICD_ICACTIVER, ~0U);
    for (uint32_t intid = 0; intid < GIC_FIRST_SPI; intid += 4) {
        arch_write32(gicd + GICD_IPRIORITYR + intid, PRIORITY_DEFAULT);
    }
    arch_write32(gicc + GICC_PMR, PMR_ALL);
    arch_write32(gicc + GICC_CTLR, CTLR_ENABLE | CTLR_EOIMODE);

    list_count = (arch_read32(gich + GICH_VTR) & 0x3f) + 1;
    if (list_count <= LR_SENTINEL) {
        panic("GICv2: expected %u list registers, found %u", LR_SENTINEL + 1, list_count);
    }
    for (unsigned int i = 0; i <= LR_SENTINEL; i++) {
        arch_write32(gich + GICH_LR + i * 4, 0);
    }
    arch_write32(gich + GICH_APR, 0);
    arch_write32(gich + GICH_VMCR, 0);
    arch_write32(gich + GICH_HCR, HCR_EN);
}

static uint32_t acknowledge(void)
{
    uint32_t value = arch_read32(gicc + GICC_IAR);

    if ((value & IAR_INTID) == GIC_IPI) { /* ended with its sender's number: at once, here */
        arch_write32(gicc + GICC_EOIR, value);
        arch_write32(gicc + GICC_DIR, value);
    }
    return value & IAR_INTID;
}

static void drop(uint32_t intid)
{
    arch_write32(gicc + GICC_EOIR, intid);
}

static void deactivate(uint32_t intid)
{
    arch_write32(gicc + GICC_DIR, intid);
}

static void send_ipi(unsigned int cpu)
{
    arch_write32(gicd + GICD_SGIR, (uint32_t)targets[cpu] << SGIR_TARGETS_SHIFT | GIC_IPI);
}

static void enable(uint32_t intid, bool edge)
{
    uint64_t config = gicd + GICD_ICFGR + intid / 16 * 4;
    uint32_t edge_bit = 2U << intid % 16 * 2;
    uint32_t value = arch_read32(config);

    arch_write32(config, edge ? value | edge_bit : value & ~edge_bit);
    if (intid >= GIC_FIRST_SPI) {
        arch_write8(gicd + GICD_ITARGETSR + intid, own_target());
    }
    arch_write32(bit_register(GICD_ISENABLER, intid), bit(intid));
}

static void set_target(uint32_t intid, unsigned int cpu)
{
    arch_write8(gicd + GICD_ITARGETSR + intid, targets[cpu]);
}

static void set_enabled(uint32_t intid, bool enabled)
{
    arch_write32(bit_register(enabled ? GICD_ISENABLER : GICD_ICENABLER, intid), bit(intid));
}

static void set_active(uint32_t intid, bool active)
{
    arch_write32(bit_register(active ? GICD_ISACTIVER : GICD_ICACTIVER, intid), bit(intid));
}

static bool is_active(uint32_t intid)
{
    return (arch_read32(bit_register(GICD_ISACTIVER, intid)) & bit(intid)) != 0;
}

static void clear_pending(uint32_t intid)
{
    arch_write32(bit_register(GICD_ICPENDR, intid), bit(intid));
}

static void set_notice(enum gic_notice notice)
{
    static const uint32_t controls[] = {[GIC_NOTICE_ENDED] = HCR_EN,
                                        [GIC_NOTICE_NO_PENDING] = HCR_EN | HCR_NPIE,
                                        [GIC_NOTICE_UNDERFLOW] = HCR_EN | HCR_UIE,
                                        [GIC_NOTICE_NOTHING] = HCR_EN | HCR_UIE};
    bool is_wanted = notice != GIC_NOTICE_NOTHING;

    arch_write32(gich + GICH_LR + LR_SENTINEL * 4, is_wanted ? 0 : SENTINEL);
    arch_write32(gich + GICH_HCR, controls[notice]);
    set_enabled(gic_intids.maintenance, is_wanted);
}

static void vcpu_save(struct gic_vcpu *vcpu)
{
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        vcpu->list[i] = arch_read32(gich + GICH_LR + i * 4);
    }
    vcpu->vmcr = arch_read32(gich + GICH_VMCR);
    vcpu->active = arch_read32(gich + GICH_APR);
    arch_write32(gich + GICH_HCR, 0); /* what is left in hardware asks for nothing */
}

static void vcpu_load(const struct gic_vcpu *vcpu)
{
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        arch_write32(gich + GICH_LR + i * 4, (uint32_t)vcpu->list[i]);
    }
    arch_write32(gich + GICH_VMCR, (uint32_t)vcpu->vmcr);
    arch_write32(gich + GICH_APR, (uint32_t)vcpu->active);
    set_notice(vcpu->notice);
}

static uint64_t list_encode(struct gic_virq virq)
{
    return LR_PENDING | LR_EOI | (virq.group != 0 ? LR_GROUP1 : 0) |
           (uint32_t)virq.priority << LR_PRIORITY_SHIFT | (virq.intid & LR_INTID);
}

static uint64_t list_encode_direct(struct gic_virq virq)
{
    return LR_HW | LR_PENDING | (virq.group != 0 ? LR_GROUP1 : 0) |
           (uint32_t)virq.priority << LR_PRIORITY_SHIFT | virq.intid << LR_PHYSICAL_SHIFT |
           virq.intid;
}

static void list_write(unsigned int index, uint64_t value)
{
    arch_write32(gich + GICH_LR + index * 4, (uint32_t)value);
}

static uint64_t list_read(unsigned int index)
{
    return arch_read32(gich + GICH_LR + index * 4);
}

static bool list_is_pending(uint64_t value)
{
    return (value & LR_PENDING) != 0;
}

static bool list_is_active(uint64_t value)
{
    return (value & LR_ACTIVE) != 0;
}

static bool list_is_used(uint64_t value)
{
    return (value & (LR_PENDING | LR_ACTIVE)) != 0 || (value & (LR_HW | LR_EOI)) == LR_EOI;
}

/* The status has what list_is_used() says (IHI 0048B, 5.3.10). */
static uint32_t lists_used(void)
{
    return ~arch_read32(gich + GICH_ELSR0) & LR_ALL;
}

static int drop_to_list(uint32_t intid, uint64_t value)
{
    uint64_t interface = gich; /* read once: the compiler does not know what a register is not */
    uint32_t free = arch_read32(interface + GICH_ELSR0) & LR_ALL;
    unsigned int index;

    if (free == 0) {
        return -1;
    }
    index = (unsigned int)__builtin_ctz(free);
    arch_write32(interface + GICH_LR + index * 4UL, (uint32_t)value);
    drop(intid);
    return (int)index;
}

static uint32_t take_ended(void)
{
    uint32_t ended = arch_read32(gich + GICH_EISR0) & LR_ALL;

    for (uint32_t left = ended; left != 0; left &= left - 1) {
        list_write((unsigned int)__builtin_ctz(left), 0); /* reports no more */
    }
    return ended;
}

const struct gic_ops gicv2_ops = {
    .name = "GICv2",
    .init = init,
    .init_cpu = init_cpu,
    .acknowledge = acknowledge,
    .drop = drop,
    .deactivate = deactivate,
    .enable = enable,
    .send_ipi = send_ipi,
    .set_target = set_target,
    .set_enabled = set_enabled,
    .set_active = set_active,
    .is_active = is_active,
    .clear_pending = clear_pending,
    .vcpu_save = vcpu_save,
    .vcpu_load = vcpu_load,
    .set_notice = set_notice,
    .list_encode = list_encode,
    .list_encode_direct = list_encode_direct,
    .list_write = list_write,
    .list_read = list_read,
    .list_is_pending = list_is_pending,
    .list_is_active = list_is_active,
    .list_is_used = list_is_used,
    .lists_used = lists_used,
    .drop_to_list = drop_to_list,
    .take_ended = take_ended,
};
