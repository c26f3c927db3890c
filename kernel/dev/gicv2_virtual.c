/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv2's virtual interface control registers (IHI 0048B, chapter 5): the list registers that
 * present virtual interrupts to the guest on this core, and what they mean.
 */
#include "kernel/dev/gicv2_virtual.h"

#include <stddef.h>

#include "kernel/arch/arch.h"
#include "kernel/lib/log.h"

#define GICH_HCR             0x000
#define GICH_VTR             0x004
#define GICH_VMCR            0x008
#define GICH_EISR0           0x020
#define GICH_ELSR0           0x030
#define GICH_APR             0x0f0
#define GICH_LR              0x100
#define HCR_EN               (1U << 0)
#define HCR_UIE              (1U << 1)
#define HCR_LRENPIE          (1U << 2)
#define HCR_NPIE             (1U << 3)
#define HCR_EOI_COUNT(value) ((value) >> 27)
#define HCR_EOI_COUNT_ALL    (0x1fU << 27)

/* GICH_VMCR, and GICH_APR: a bit for each of 32 priorities that is active */
#define VMCR_GROUPS(value)   ((value)&3)
#define VMCR_COMMON_BPR      (1U << 4)
#define VMCR_ALIAS_BP(value) ((value) >> 18 & 7)
#define VMCR_BP(value)       ((value) >> 21 & 7)
#define VMCR_PMR(value)      ((value) >> 27)
#define BP_MIN               2 /* priorities have five bits: a binary point of 2 splits none off */
#define PRIORITY_NONE        32U

#define LR_HW             (1U << 31)
#define LR_ACTIVE         (1U << 29)
#define LR_PENDING        (1U << 28)
#define LR_EOI            (1U << 19)
#define LR_GROUP1         (1U << 30)
#define LR_PRIORITY_SHIFT 23
#define LR_INTID          0x3ffU
#define LR_PHYSICAL_SHIFT 10
#define LR_SOURCE_SHIFT   10 /* where there is no physical one */
#define LR_PRIORITY(lr)   ((lr) >> LR_PRIORITY_SHIFT & 0x1f)
#define LR_ALL            ((1U << GIC_LIST_REGISTERS) - 1)

/* The list register behind those that hold virtual interrupts. While the maintenance interrupt is
 * not wanted, it is off at the distributor, this one holds an active interrupt that nobody ever
 * acknowledged, and "one list register at most is in use" is asked for: so the maintenance line
 * goes up just when the guest ends its last interrupt. The architecture needs none of this. QEMU's
 * GICv2 does: a virtual EOI deactivates the physical interrupt there, but whether that one is due
 * again, its line being up, is only looked at when another line or register changes
 * (docs/decisions/0005). */
#define LR_SENTINEL GIC_LIST_REGISTERS
#define SENTINEL    (LR_ACTIVE | LR_LOWEST | GIC_VIRTUAL_INTIDS)
#define LR_LOWEST   (0x1fU << LR_PRIORITY_SHIFT)

static uint64_t gich;
static uint64_t end_register; /* GICC_EOIR */

void gicv2_virtual_init(const struct image_machine *machine, uint64_t eoir)
{
    gich = machine->gich;
    end_register = eoir;
}

void gicv2_virtual_init_cpu(void)
{
    unsigned int list_count = (arch_read32(gich + GICH_VTR) & 0x3f) + 1;

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

void gicv2_set_notice(enum gic_notice notice)
{
    static const uint32_t controls[] = {[GIC_NOTICE_ENDED] = HCR_EN,
                                        [GIC_NOTICE_UNLISTED] = HCR_EN | HCR_LRENPIE,
                                        [GIC_NOTICE_NO_PENDING] = HCR_EN | HCR_LRENPIE | HCR_NPIE,
                                        [GIC_NOTICE_NOTHING] = HCR_EN | HCR_UIE};
    bool is_wanted = notice != GIC_NOTICE_NOTHING;

    arch_write32(gich + GICH_LR + LR_SENTINEL * 4, is_wanted ? 0 : SENTINEL);
    arch_write32(gich + GICH_HCR, controls[notice]);
    gic->set_enabled(gic_intids.maintenance, is_wanted);
}

static void read_interface(struct gic_vcpu *vcpu)
{
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        vcpu->list[i] = arch_read32(gich + GICH_LR + i * 4);
    }
    vcpu->vmcr = arch_read32(gich + GICH_VMCR);
    vcpu->active[0] = arch_read32(gich + GICH_APR);
}

void gicv2_vcpu_save(struct gic_vcpu *vcpu)
{
    read_interface(vcpu);
    arch_write32(gich + GICH_HCR, 0); /* what is left in hardware asks for nothing */
}

void gicv2_vcpu_load(const struct gic_vcpu *vcpu)
{
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        arch_write32(gich + GICH_LR + i * 4, (uint32_t)vcpu->list[i]);
    }
    arch_write32(gich + GICH_VMCR, (uint32_t)vcpu->vmcr);
    arch_write32(gich + GICH_APR, (uint32_t)vcpu->active[0]);
    gicv2_set_notice(vcpu->notice);
}

uint64_t gicv2_list_encode(struct gic_virq virq)
{
    return LR_PENDING | LR_EOI | (virq.group != 0 ? LR_GROUP1 : 0) |
           (uint32_t)virq.priority << LR_PRIORITY_SHIFT | (uint32_t)virq.source << LR_SOURCE_SHIFT |
           (virq.intid & LR_INTID);
}

uint64_t gicv2_list_encode_direct(struct gic_virq virq)
{
    return LR_HW | LR_PENDING | (virq.group != 0 ? LR_GROUP1 : 0) |
           (uint32_t)virq.priority << LR_PRIORITY_SHIFT | virq.intid << LR_PHYSICAL_SHIFT |
           virq.intid;
}

uint64_t gicv2_list_encode_message(struct gic_virq virq)
{
    return gicv2_list_encode(virq) & ~(uint64_t)LR_EOI;
}

uint64_t gicv2_list_repeat(uint64_t value)
{
    return value | LR_PENDING;
}

uint64_t gicv2_list_report(uint64_t value)
{
    return value | LR_EOI;
}

void gicv2_list_write(unsigned int index, uint64_t value)
{
    arch_write32(gich + GICH_LR + index * 4, (uint32_t)value);
}

uint64_t gicv2_list_read(unsigned int index)
{
    return arch_read32(gich + GICH_LR + index * 4);
}

bool gicv2_list_is_pending(uint64_t value)
{
    return (value & LR_PENDING) != 0;
}

bool gicv2_list_is_active(uint64_t value)
{
    return (value & LR_ACTIVE) != 0;
}

bool gicv2_list_is_used(uint64_t value)
{
    return (value & (LR_PENDING | LR_ACTIVE)) != 0 || (value & (LR_HW | LR_EOI)) == LR_EOI;
}

bool gicv2_list_is_direct(uint64_t value)
{
    return (value & LR_HW) != 0;
}

uint32_t gicv2_list_intid(uint64_t value)
{
    return (uint32_t)value & LR_INTID;
}

uint8_t gicv2_list_priority(uint64_t value)
{
    return LR_PRIORITY((uint32_t)value);
}

uint64_t gicv2_list_activate(uint64_t value)
{
    return (value & ~(uint64_t)LR_PENDING) | LR_ACTIVE;
}

/* Of an interrupt's priority, the bits that decide whether it preempts (IHI 0048B, 3.3.3). */
static uint32_t group_priority(uint32_t lr, uint32_t vmcr)
{
    uint32_t point = VMCR_BP(vmcr);

    if ((lr & LR_GROUP1) != 0 && (vmcr & VMCR_COMMON_BPR) == 0 && VMCR_ALIAS_BP(vmcr) != 0) {
        point = VMCR_ALIAS_BP(vmcr) - 1;
    }
    return point <= BP_MIN ? LR_PRIORITY(lr)
                           : LR_PRIORITY(lr) >> (point - BP_MIN) << (point - BP_MIN);
}

bool gicv2_is_signalling(const struct gic_vcpu *vcpu)
{
    struct gic_vcpu loaded;
    uint32_t running;
    uint32_t vmcr;

    if (vcpu == NULL) {
        if (gicv2_lists_used() == 0) {
            return false; /* the usual case of a guest that goes to sleep */
        }
        read_interface(&loaded);
        vcpu = &loaded;
    }
    vmcr = (uint32_t)vcpu->vmcr;
    running =
        vcpu->active[0] != 0 ? (uint32_t)__builtin_ctz((uint32_t)vcpu->active[0]) : PRIORITY_NONE;
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        uint32_t lr = (uint32_t)vcpu->list[i];
        uint32_t group = (lr & LR_GROUP1) != 0 ? 2 : 1;

        if ((lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING && (VMCR_GROUPS(vmcr) & group) != 0 &&
            LR_PRIORITY(lr) < VMCR_PMR(vmcr) && group_priority(lr, vmcr) < running) {
            return true;
        }
    }
    return false;
}

/* The status has what gicv2_list_is_used() says (IHI 0048B, 5.3.10). */
uint32_t gicv2_lists_used(void)
{
    return ~arch_read32(gich + GICH_ELSR0) & LR_ALL;
}

bool gicv2_list_write_first(uint64_t value)
{
    uint64_t interface = gich;

    if ((~arch_read32(interface + GICH_ELSR0) & LR_ALL) != 0) {
        return false;
    }
    arch_write32(interface + GICH_LR, (uint32_t)value);
    return true;
}

int gicv2_drop_to_list(uint32_t intid, uint64_t value)
{
    uint64_t interface = gich; /* read once: the compiler does not know what a register is not */
    uint32_t free = arch_read32(interface + GICH_ELSR0) & LR_ALL;
    unsigned int index;

    if (free == 0) {
        return -1;
    }
    index = (unsigned int)__builtin_ctz(free);
    arch_write32(interface + GICH_LR + index * 4UL, (uint32_t)value);
    arch_write32(end_register, intid);
    return (int)index;
}

uint32_t gicv2_take_ended(void)
{
    uint32_t ended = arch_read32(gich + GICH_EISR0) & LR_ALL;

    for (uint32_t left = ended; left != 0; left &= left - 1) {
        gicv2_list_write((unsigned int)__builtin_ctz(left), 0); /* reports no more */
    }
    return ended;
}

/* Writing the register clears the count. */
uint32_t gicv2_take_unlisted(void)
{
    uint32_t control = arch_read32(gich + GICH_HCR);
    uint32_t count = HCR_EOI_COUNT(control);

    if (count != 0) {
        arch_write32(gich + GICH_HCR, control & ~HCR_EOI_COUNT_ALL);
    }
    return count;
}
