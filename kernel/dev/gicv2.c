/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv2 (IHI 0048): distributor and CPU interface. What presents virtual interrupts to the guest on
 * this core is gicv2_virtual.c's.
 */
#include "kernel/arch/arch.h"
#include "kernel/dev/gic.h"
#include "kernel/dev/gic_distributor.h"
#include "kernel/dev/gicv2_virtual.h"
#include "kernel/lib/log.h"

#define GICD_CTLR          0x000
#define GICD_TYPER         0x004
#define GICD_ITARGETSR     0x800
#define GICD_SGIR          0xf00
#define GICD_PIDR2         0xfe8
#define SGIR_TARGETS_SHIFT 16

#define GICC_CTLR    0x0000
#define GICC_PMR     0x0004
#define GICC_IAR     0x000c
#define GICC_EOIR    0x0010
#define GICC_DIR     0x1000
#define IAR_INTID    0x3ffU
#define CTLR_ENABLE  (1U << 0)
#define CTLR_EOIMODE (1U << 9)
#define PMR_ALL      0xff

static uint64_t gicd;
static uint64_t gicc;
static uint8_t targets[ABI_MAX_CPUS]; /* by core: its bit in the distributor */

static uint32_t init(const struct image_machine *machine)
{
    uint32_t lines;

    gicd = machine->gicd;
    gicc = machine->gicc;
    gicv2_virtual_init(machine, gicc + GICC_EOIR);
    if (GIC_ARCHREV(arch_read32(gicd + GICD_PIDR2)) != 2) {
        return 0;
    }
    lines = GIC_LINES(arch_read32(gicd + GICD_TYPER));
    arch_write32(gicd + GICD_CTLR, 0);
    for (uint32_t intid = GIC_FIRST_SPI; intid < lines; intid += 32) {
        gic_quiet(gicd, intid);
    }
    arch_write32(gicd + GICD_CTLR, CTLR_ENABLE);
    return gic_count(lines);
}

/* The distributor's bit for the calling core; it reads as zero where there is one core only. */
static uint8_t own_target(void)
{
    uint8_t target = (uint8_t)arch_read32(gicd + GICD_ITARGETSR);

    return target != 0 ? target : 1;
}

static void init_cpu(unsigned int cpu)
{
    targets[cpu] = own_target();
    gic_quiet(gicd, 0);
    arch_write32(gicc + GICC_PMR, PMR_ALL);
    arch_write32(gicc + GICC_CTLR, CTLR_ENABLE | CTLR_EOIMODE);

    gicv2_virtual_init_cpu();
}

static uint32_t acknowledge(void)
{
    uint32_t value = arch_read32(gicc + GICC_IAR);

    if ((value & IAR_INTID) < GIC_CORE_SGIS) { /* ended with its sender's number: at once, here */
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

static void send_ipi(unsigned int cpu, uint32_t intid)
{
    arch_before_interrupt();
    arch_write32(gicd + GICD_SGIR, (uint32_t)targets[cpu] << SGIR_TARGETS_SHIFT | intid);
}

static void enable(uint32_t intid, bool edge)
{
    gic_set_trigger(gicd, intid, edge);
    if (intid >= GIC_FIRST_SPI) {
        arch_write8(gicd + GICD_ITARGETSR + intid, own_target());
    }
    gic_write_bit(gicd, GIC_ISENABLER, intid);
}

static void set_target(uint32_t intid, unsigned int cpu)
{
    arch_write8(gicd + GICD_ITARGETSR + intid, targets[cpu]);
}

static void set_enabled(uint32_t intid, bool enabled)
{
    gic_write_bit(gicd, enabled ? GIC_ISENABLER : GIC_ICENABLER, intid);
}

static void set_active(uint32_t intid, bool active)
{
    gic_write_bit(gicd, active ? GIC_ISACTIVER : GIC_ICACTIVER, intid);
}

static bool is_active(uint32_t intid)
{
    return gic_read_bit(gicd, GIC_ISACTIVER, intid);
}

static bool is_pending(uint32_t intid)
{
    return gic_read_bit(gicd, GIC_ISPENDR, intid);
}

static void clear_pending(uint32_t intid)
{
    gic_write_bit(gicd, GIC_ICPENDR, intid);
}

static void set_pending(uint32_t intid)
{
    gic_write_bit(gicd, GIC_ISPENDR, intid);
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
    .is_pending = is_pending,
    .clear_pending = clear_pending,
    .set_pending = set_pending,
    .vcpu_save = gicv2_vcpu_save,
    .vcpu_load = gicv2_vcpu_load,
    .set_notice = gicv2_set_notice,
    .list_encode = gicv2_list_encode,
    .list_encode_direct = gicv2_list_encode_direct,
    .list_encode_message = gicv2_list_encode_message,
    .list_repeat = gicv2_list_repeat,
    .list_report = gicv2_list_report,
    .list_write = gicv2_list_write,
    .list_read = gicv2_list_read,
    .list_is_pending = gicv2_list_is_pending,
    .list_is_active = gicv2_list_is_active,
    .list_is_direct = gicv2_list_is_direct,
    .list_intid = gicv2_list_intid,
    .list_priority = gicv2_list_priority,
    .list_activate = gicv2_list_activate,
    .is_signalling = gicv2_is_signalling,
    .list_is_used = gicv2_list_is_used,
    .lists_used = gicv2_lists_used,
    .list_write_first = gicv2_list_write_first,
    .drop_to_list = gicv2_drop_to_list,
    .take_ended = gicv2_take_ended,
    .take_unlisted = gicv2_take_unlisted,
};
