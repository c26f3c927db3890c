/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv3 (IHI 0069): distributor with affinity routing, the redistributors, which have the SGIs and
 * PPIs of a core each, and its system registers (kernel/arch/gic.h). What presents virtual
 * interrupts to the guest on this core is gicv3_virtual.c's. All interrupts are of group 1: of the
 * non-secure one where there are two security states.
 */
#include "kernel/arch/arch.h"
#include "kernel/arch/gic.h"
#include "kernel/dev/gic.h"
#include "kernel/dev/gic_distributor.h"
#include "kernel/dev/gicv3_virtual.h"
#include "kernel/dev/its.h"
#include "kernel/lib/log.h"

#define GICD_CTLR        0x0000
#define GICD_TYPER       0x0004
#define GICD_IROUTER     0x6000
#define GICD_PIDR2       0xffe8
#define CTLR_ENABLE_GRP1 (1U << 1) /* with two security states: EnableGrp1A */
#define CTLR_ARE         (1U << 4)
#define CTLR_RWP         (1U << 31)

#define GICR_CTLR             0x0000
#define GICR_TYPER            0x0008
#define GICR_WAKER            0x0014
#define GICR_FRAME            0x10000
#define RCTLR_RWP             (1U << 3)
#define TYPER_VLPIS           (1UL << 1) /* two more frames */
#define TYPER_LAST            (1UL << 4)
#define TYPER_AFFINITY(value) ((value) >> 32)
#define WAKER_SLEEP           (1U << 1)
#define WAKER_ASLEEP          (1U << 2)

#define PATIENCE 1000000 /* reads of a register for what the hardware does by itself */

#define REQUEST_INTID_SHIFT 24

struct core {
    uint64_t affinity; /* as MPIDR_EL1 has it, and GICD_IROUTER<n> */
    uint64_t request;  /* what ICC_SGI1R_EL1 takes for an IPI to it, but for the number */
    uint64_t frame;    /* its redistributor */
};

static uint64_t gicd;
static uint64_t first_frame, frames_end;
static struct core cores[ABI_MAX_CPUS];

static bool wait_for_clear(uint64_t address, uint32_t bits)
{
    for (unsigned int i = 0; i < PATIENCE; i++) {
        if ((arch_read32(address) & bits) == 0) {
            return true;
        }
    }
    return false;
}

static void wait_at_boot(uint64_t address, uint32_t bits)
{
    if (!wait_for_clear(address, bits)) {
        panic("interrupt controller: expected bits %x of %lx to clear, found them set", bits,
              address);
    }
}

static void set_control(uint32_t value)
{
    arch_write32(gicd + GICD_CTLR, value);
    wait_at_boot(gicd + GICD_CTLR, CTLR_RWP);
}

/* 32 interrupts of group 1, off and inactive. */
static void quiet(uint64_t base, uint32_t intid)
{
    gic_quiet(base, intid);
    arch_write32(gic_bit_register(base, GIC_IGROUPR, intid), ~0U);
}

static bool is_there(void)
{
    uint32_t revision;

    if (!arch_gic_has_registers()) {
        return false; /* and what is at the addresses may answer with an abort */
    }
    revision = GIC_ARCHREV(arch_read32(gicd + GICD_PIDR2));
    return revision == 3 || revision == 4;
}

static uint32_t init(const struct image_machine *machine)
{
    uint32_t lines;

    gicd = machine->gicd;
    first_frame = machine->gicr;
    frames_end = machine->gicr + machine->gicr_size;
    if (!is_there()) {
        return 0;
    }
    lines = GIC_LINES(arch_read32(gicd + GICD_TYPER));
    set_control(0);
    set_control(CTLR_ARE); /* before what depends on it (IHI 0069H, GICD_CTLR) */
    for (uint32_t intid = GIC_FIRST_SPI; intid < lines; intid += 32) {
        quiet(gicd, intid);
    }
    set_control(CTLR_ARE | CTLR_ENABLE_GRP1);
    its_init(machine, arch_read32(gicd + GICD_TYPER));
    return gic_count(lines);
}

/* GICR_TYPER.Affinity_Value */
static uint64_t packed(uint64_t affinity)
{
    return (affinity >> 8 & 0xff000000) | (affinity & 0xffffff);
}

/* ICC_SGI1R_EL1: Aff3, RS, Aff2, Aff1, and a bit for one of sixteen Aff0; not yet the INTID. */
static uint64_t request_for(uint64_t affinity)
{
    return (affinity & 0xff00000000) << 16 | (affinity & 0xf0) << 40 | (affinity & 0xff0000) << 16 |
           (affinity & 0xff00) << 8 | 1UL << (affinity & 0xf);
}

/* They lie one behind the other, in no order that matters. */
static uint64_t find_frame(uint64_t affinity)
{
    uint64_t frame = first_frame;
    uint64_t type = 0;

    while ((type & TYPER_LAST) == 0 && frame + 2UL * GICR_FRAME <= frames_end) {
        type = arch_read64(frame + GICR_TYPER);
        if (TYPER_AFFINITY(type) == packed(affinity)) {
            return frame;
        }
        frame += ((type & TYPER_VLPIS) != 0 ? 4UL : 2UL) * GICR_FRAME;
    }
    panic("interrupt controller: expected a redistributor of core %lx, found none", affinity);
}

static void init_cpu(unsigned int cpu)
{
    struct core *core = &cores[cpu];
    uint64_t affinity = arch_mpidr();

    *core = (struct core){affinity, request_for(affinity), find_frame(affinity)};
    arch_write32(core->frame + GICR_WAKER, arch_read32(core->frame + GICR_WAKER) & ~WAKER_SLEEP);
    wait_at_boot(core->frame + GICR_WAKER, WAKER_ASLEEP);
    quiet(core->frame + GICR_FRAME, 0);
    wait_at_boot(core->frame + GICR_CTLR, RCTLR_RWP);
    its_init_cpu(cpu, core->frame);
    arch_gic_init_cpu();

    gicv3_virtual_init_cpu();
}

/* The calling core. */
static unsigned int own_index(void)
{
    uint64_t affinity = arch_mpidr();
    unsigned int i = 0;

    while (cores[i].affinity != affinity) { /* it has been in init_cpu() */
        i++;
    }
    return i;
}

static const struct core *own(void)
{
    return &cores[own_index()];
}

/* The frame that has the registers of an interrupt. */
static uint64_t base_of(uint32_t intid)
{
    return intid < GIC_FIRST_SPI ? own()->frame + GICR_FRAME : gicd;
}

static uint32_t acknowledge(void)
{
    uint32_t intid = (uint32_t)arch_gic_acknowledge();

    if (intid < GIC_CORE_SGIS) { /* at once: there is nothing to wait for */
        arch_gic_end(intid);
        arch_gic_deactivate(intid);
    }
    return intid;
}

static void drop(uint32_t intid)
{
    arch_gic_end(intid);
}

static bool is_lpi(uint32_t intid)
{
    return intid >= ABI_FIRST_LPI;
}

static void deactivate(uint32_t intid)
{
    if (!is_lpi(intid)) {
        arch_gic_deactivate(intid);
    }
}

static void send_ipi(unsigned int cpu, uint32_t intid)
{
    arch_gic_send(cores[cpu].request | (uint64_t)intid << REQUEST_INTID_SHIFT);
}

static void set_target(uint32_t intid, unsigned int cpu)
{
    if (is_lpi(intid)) {
        its_set_target(intid, cpu);
        return;
    }
    arch_write64(gicd + GICD_IROUTER + intid * 8UL, cores[cpu].affinity);
}

static void enable(uint32_t intid, bool edge)
{
    uint64_t base = base_of(intid);

    if (is_lpi(intid)) {
        its_map(intid, own_index());
        return;
    }
    gic_set_trigger(base, intid, edge);
    if (intid >= GIC_FIRST_SPI) {
        arch_write64(gicd + GICD_IROUTER + intid * 8UL, arch_mpidr());
    }
    gic_write_bit(base, GIC_ISENABLER, intid);
}

/* Off means that it does not come any more. */
static void set_enabled(uint32_t intid, bool enabled)
{
    if (is_lpi(intid)) {
        its_set_enabled(intid, enabled);
        return;
    }
    gic_write_bit(base_of(intid), enabled ? GIC_ISENABLER : GIC_ICENABLER, intid);
    if (!enabled) {
        (void)(intid < GIC_FIRST_SPI ? wait_for_clear(own()->frame + GICR_CTLR, RCTLR_RWP)
                                     : wait_for_clear(gicd + GICD_CTLR, CTLR_RWP));
    }
}

static void set_active(uint32_t intid, bool active)
{
    if (!is_lpi(intid)) {
        gic_write_bit(base_of(intid), active ? GIC_ISACTIVER : GIC_ICACTIVER, intid);
    }
}

static bool is_active(uint32_t intid)
{
    return !is_lpi(intid) && gic_read_bit(base_of(intid), GIC_ISACTIVER, intid);
}

/* Of LPIs only the redistributors know. */
static bool is_pending(uint32_t intid)
{
    return !is_lpi(intid) && gic_read_bit(base_of(intid), GIC_ISPENDR, intid);
}

static void clear_pending(uint32_t intid)
{
    if (is_lpi(intid)) {
        its_clear_pending(intid);
        return;
    }
    gic_write_bit(base_of(intid), GIC_ICPENDR, intid);
}

static void set_pending(uint32_t intid)
{
    if (is_lpi(intid)) {
        its_set_pending(intid);
        return;
    }
    gic_write_bit(base_of(intid), GIC_ISPENDR, intid);
}

const struct gic_ops gicv3_ops = {
    .name = "GICv3",
    .has_registers = true,
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
    .vcpu_save = gicv3_vcpu_save,
    .vcpu_load = gicv3_vcpu_load,
    .set_notice = gicv3_set_notice,
    .list_encode = gicv3_list_encode,
    .list_encode_direct = gicv3_list_encode_direct,
    .list_encode_message = gicv3_list_encode_message,
    .list_repeat = gicv3_list_repeat,
    .list_report = gicv3_list_report,
    .list_write = gicv3_list_write,
    .list_read = gicv3_list_read,
    .list_is_pending = gicv3_list_is_pending,
    .list_is_active = gicv3_list_is_active,
    .list_is_direct = gicv3_list_is_direct,
    .list_intid = gicv3_list_intid,
    .list_priority = gicv3_list_priority,
    .list_activate = gicv3_list_activate,
    .is_signalling = gicv3_is_signalling,
    .list_is_used = gicv3_list_is_used,
    .lists_used = gicv3_lists_used,
    .list_write_first = gicv3_list_write_first,
    .drop_to_list = gicv3_drop_to_list,
    .drop_to_first = gicv3_drop_to_first,
    .take_ended = gicv3_take_ended,
    .take_unlisted = gicv3_take_unlisted,
};
