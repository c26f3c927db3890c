/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv3's virtual interface control registers (IHI 0069H, 12.4): the list registers that present
 * virtual interrupts to the guest on this core, and what they mean.
 */
#include "kernel/dev/gicv3_virtual.h"

#include <stddef.h>

#include "kernel/arch/gic.h"
#include "kernel/lib/log.h"

/* ICH_HCR_EL2, ICH_VTR_EL2 */
#define HCR_EN               (1UL << 0)
#define HCR_UIE              (1UL << 1)
#define HCR_LRENPIE          (1UL << 2)
#define HCR_NPIE             (1UL << 3)
#define HCR_EOI_COUNT(value) ((uint32_t)((value) >> 27 & 0x1f))
#define HCR_EOI_COUNT_ALL    (0x1fUL << 27)
#define VTR_LISTS(value)     (((value)&0x1f) + 1)
#define VTR_PREBITS(value)   (((value) >> 26 & 7) + 1)
#define PREBITS_MIN          5

/* ICH_VMCR_EL2 */
#define VMCR_GROUPS(value) ((value)&3)
#define VMCR_CBPR          (1UL << 4)
#define VMCR_BPR1(value)   ((unsigned int)((value) >> 18 & 7))
#define VMCR_BPR0(value)   ((unsigned int)((value) >> 21 & 7))
#define VMCR_PMR(value)    ((uint32_t)((value) >> 24 & 0xff))
#define PRIORITY_NONE      256U

/* ICH_LR<n>_EL2. Priorities have eight bits there, of which every implementation has the upper
 * five: as many as the kernel speaks of. */
#define LR_INTID          0xffffffffUL
#define LR_PHYSICAL_SHIFT 32
#define LR_EOI            (1UL << 41) /* where there is no physical one */
#define LR_PRIORITY_SHIFT 48
#define LR_PRIORITY(lr)   ((uint32_t)((lr) >> LR_PRIORITY_SHIFT & 0xff))
#define LR_GROUP1         (1UL << 60)
#define LR_HW             (1UL << 61)
#define LR_PENDING        (1UL << 62)
#define LR_ACTIVE         (1UL << 63)
#define LR_ALL            ((1U << GIC_LIST_REGISTERS) - 1)
#define PRIORITY_UNUSED   3 /* bits */

static unsigned int preemption_bits; /* of the core's priorities: 5 to 7 */

static unsigned int active_count(void)
{
    return 1U << (preemption_bits - PREBITS_MIN);
}

void gicv3_virtual_init_cpu(void)
{
    uint64_t type = arch_gic_vtr();

    if (VTR_LISTS(type) < GIC_LIST_REGISTERS) {
        panic("GICv3: expected %u list registers, found %lu", GIC_LIST_REGISTERS, VTR_LISTS(type));
    }
    preemption_bits = VTR_PREBITS(type);
    if (preemption_bits < PREBITS_MIN || active_count() > GIC_ACTIVE_WORDS) {
        panic("GICv3: expected 5 to 7 bits of virtual preemption, found %u", preemption_bits);
    }
    gicv3_vcpu_load(&(const struct gic_vcpu){.notice = GIC_NOTICE_NOTHING});
}

/* It stays enabled when it is not wanted: nothing then asks for it. */
void gicv3_set_notice(enum gic_notice notice)
{
    static const uint64_t controls[] = {[GIC_NOTICE_ENDED] = HCR_EN,
                                        [GIC_NOTICE_UNLISTED] = HCR_EN | HCR_LRENPIE,
                                        [GIC_NOTICE_NO_PENDING] = HCR_EN | HCR_LRENPIE | HCR_NPIE,
                                        [GIC_NOTICE_NOTHING] = HCR_EN};

    arch_gic_set_hcr(controls[notice]);
}

static void read_interface(struct gic_vcpu *vcpu)
{
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        vcpu->list[i] = arch_gic_list(i);
    }
    vcpu->vmcr = arch_gic_vmcr();
    for (unsigned int i = 0; i < active_count(); i++) {
        vcpu->active[i] = arch_gic_active(i);
    }
}

void gicv3_vcpu_save(struct gic_vcpu *vcpu)
{
    read_interface(vcpu);
    arch_gic_set_hcr(0); /* what is left in hardware asks for nothing */
}

void gicv3_vcpu_load(const struct gic_vcpu *vcpu)
{
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        arch_gic_set_list(i, vcpu->list[i]);
    }
    arch_gic_set_vmcr(vcpu->vmcr);
    for (unsigned int i = 0; i < active_count(); i++) {
        arch_gic_set_active(i, vcpu->active[i]);
    }
    gicv3_set_notice(vcpu->notice);
}

static uint64_t encode(struct gic_virq virq)
{
    return LR_PENDING | (virq.group != 0 ? LR_GROUP1 : 0) |
           (uint64_t)virq.priority << (LR_PRIORITY_SHIFT + PRIORITY_UNUSED) | virq.intid;
}

/* Who sent an SGI is not told: it was pending once already. */
uint64_t gicv3_list_encode(struct gic_virq virq)
{
    return encode(virq) | LR_EOI;
}

uint64_t gicv3_list_encode_direct(struct gic_virq virq)
{
    return encode(virq) | LR_HW | (uint64_t)virq.intid << LR_PHYSICAL_SHIFT;
}

uint64_t gicv3_list_encode_message(struct gic_virq virq)
{
    return encode(virq);
}

uint64_t gicv3_list_repeat(uint64_t value)
{
    return value | LR_PENDING;
}

uint64_t gicv3_list_report(uint64_t value)
{
    return value | LR_EOI;
}

void gicv3_list_write(unsigned int index, uint64_t value)
{
    arch_gic_set_list(index, value);
}

uint64_t gicv3_list_read(unsigned int index)
{
    return arch_gic_list(index);
}

bool gicv3_list_is_pending(uint64_t value)
{
    return (value & LR_PENDING) != 0;
}

bool gicv3_list_is_active(uint64_t value)
{
    return (value & LR_ACTIVE) != 0;
}

bool gicv3_list_is_used(uint64_t value)
{
    return (value & (LR_PENDING | LR_ACTIVE)) != 0 || (value & (LR_HW | LR_EOI)) == LR_EOI;
}

bool gicv3_list_is_direct(uint64_t value)
{
    return (value & LR_HW) != 0;
}

uint32_t gicv3_list_intid(uint64_t value)
{
    return (uint32_t)(value & LR_INTID);
}

uint8_t gicv3_list_priority(uint64_t value)
{
    return (uint8_t)(LR_PRIORITY(value) >> PRIORITY_UNUSED);
}

uint64_t gicv3_list_activate(uint64_t value)
{
    return (value & ~LR_PENDING) | LR_ACTIVE;
}

/* Of an interrupt's priority, the bits that decide whether it preempts (IHI 0069H, 4.8.5): those
 * above the binary point, whose register counts one less for group 0. */
static uint32_t group_priority(uint64_t lr, uint64_t vmcr)
{
    unsigned int point = VMCR_BPR0(vmcr);

    if ((lr & LR_GROUP1) != 0 && (vmcr & VMCR_CBPR) == 0 && VMCR_BPR1(vmcr) != 0) {
        point = VMCR_BPR1(vmcr) - 1;
    }
    return LR_PRIORITY(lr) >> (point + 1) << (point + 1);
}

/* The highest priority that is active: a bit for each that can preempt another. */
static uint32_t running_priority(const struct gic_vcpu *vcpu)
{
    for (unsigned int i = 0; i < active_count(); i++) {
        uint32_t bits = (uint32_t)(vcpu->active[i] | vcpu->active[i] >> 32);

        if (bits != 0) {
            return (i * 32 + (uint32_t)__builtin_ctz(bits)) << (8 - preemption_bits);
        }
    }
    return PRIORITY_NONE;
}

bool gicv3_is_signalling(const struct gic_vcpu *vcpu)
{
    struct gic_vcpu loaded;
    uint32_t running;

    if (vcpu == NULL) {
        if (gicv3_lists_used() == 0) {
            return false; /* the usual case of a guest that goes to sleep */
        }
        read_interface(&loaded);
        vcpu = &loaded;
    }
    running = running_priority(vcpu);
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        uint64_t lr = vcpu->list[i];
        uint64_t group = (lr & LR_GROUP1) != 0 ? 2 : 1;

        if ((lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING &&
            (VMCR_GROUPS(vcpu->vmcr) & group) != 0 && LR_PRIORITY(lr) < VMCR_PMR(vcpu->vmcr) &&
            group_priority(lr, vcpu->vmcr) < running) {
            return true;
        }
    }
    return false;
}

/* The status has what gicv3_list_is_used() says (IHI 0069H, 12.4.5). */
uint32_t gicv3_lists_used(void)
{
    arch_gic_sync();
    return ~(uint32_t)arch_gic_free_lists() & LR_ALL;
}

bool gicv3_list_write_first(uint64_t value)
{
    if (gicv3_lists_used() != 0) {
        return false;
    }
    arch_gic_set_list(0, value);
    return true;
}

/* The first thing after the guest was interrupted: no list register has been written since. */
int gicv3_drop_to_list(uint32_t intid, uint64_t value)
{
    uint32_t free = (uint32_t)arch_gic_free_lists() & LR_ALL;
    unsigned int index;

    if (__builtin_expect((free & 1) != 0,
                         1)) { /* each list register has an instruction of its own */
        arch_gic_set_list(0, value);
        arch_gic_end(intid);
        return 0;
    }
    if (free == 0) {
        return -1;
    }
    index = (unsigned int)__builtin_ctz(free);
    arch_gic_set_list(index, value);
    arch_gic_end(intid);
    return (int)index;
}

bool gicv3_drop_to_first(uint32_t intid, uint64_t value)
{
    if (((uint32_t)arch_gic_free_lists() & LR_ALL) != LR_ALL) {
        return false;
    }
    arch_gic_set_list(0, value);
    arch_gic_end(intid);
    return true;
}

uint32_t gicv3_take_ended(void)
{
    uint32_t ended;

    arch_gic_sync();
    ended = (uint32_t)arch_gic_ended_lists() & LR_ALL;
    for (uint32_t left = ended; left != 0; left &= left - 1) {
        arch_gic_set_list((unsigned int)__builtin_ctz(left), 0); /* reports no more */
    }
    return ended;
}

uint32_t gicv3_take_unlisted(void)
{
    uint64_t control = arch_gic_hcr();
    uint32_t count = HCR_EOI_COUNT(control);

    if (count != 0) {
        arch_gic_set_hcr(control & ~HCR_EOI_COUNT_ALL);
    }
    return count;
}
