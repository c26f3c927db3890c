/* SPDX-License-Identifier: BSD-2-Clause */
/* See vgic.h. All interrupts are of group 0 on a GICv2, of group 1 on a GICv3. */
#include "tests/system/vgic/vgic.h"

#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define CTLR_BOTH 3
#define PMR_ALL   0xff

#define GICR_WAKER 0x14
#define GICR_SGIS  0x10000UL /* its second frame */

#define GICR_STRIDE    0x20000UL /* of each CPU */
#define PFR0_GIC(pfr0) ((pfr0) >> 24 & 0xf)
#define TRIES          50 /* at IAR: an interrupt may take a while to come */

#define sysreg_write(name, value) \
    __asm__ volatile("msr " name ", %0; isb" : : "r"((uint64_t)(value)) : "memory")

bool gic_is_v3;

void gic_find(void)
{
    uint64_t pfr0;

    __asm__ volatile("mrs %0, id_aa64pfr0_el1" : "=r"(pfr0));
    gic_is_v3 = PFR0_GIC(pfr0) != 0;
}

uint64_t gic_bits(unsigned int reg, unsigned int intid)
{
    uint64_t frame = gic_is_v3 && intid < 32 ? GICR + GICR_SGIS : GICD;

    return frame + reg + intid / 32 * 4;
}

/* They lie in the order of the CPUs' numbers. */
static uint64_t own_redistributor(void)
{
    uint64_t mpidr;

    __asm__ volatile("mrs %0, mpidr_el1" : "=r"(mpidr));
    return GICR + (mpidr & 0xff) * GICR_STRIDE;
}

void gic_on_this_cpu(void)
{
    if (!gic_is_v3) {
        write32(GICC + GICC_PMR, PMR_ALL);
        write32(GICC + GICC_BPR, 0);
        write32(GICC + GICC_CTLR, CTLR_BOTH);
        return;
    }
    write32(own_redistributor() + GICR_WAKER, 0);
    write32(own_redistributor() + GICR_SGIS + IGROUPR, ~0U);
    sysreg_write("S3_0_C12_C12_5", 7);     /* ICC_SRE_EL1 */
    sysreg_write("S3_0_C4_C6_0", PMR_ALL); /* ICC_PMR_EL1 */
    sysreg_write("S3_0_C12_C12_3", 0);     /* ICC_BPR1_EL1 */
    sysreg_write("S3_0_C12_C12_7", 1);     /* ICC_IGRPEN1_EL1 */
}

void gic_on(void)
{
    write32(GICD + CTLR, CTLR_BOTH);
    gic_on_this_cpu();
    if (gic_is_v3) {
        write32(gic_bits(IGROUPR, 32), ~0U);
    }
}

void gic_set(unsigned int reg, unsigned int intid)
{
    write32(gic_bits(reg, intid), 1U << intid % 32);
}

bool gic_get(unsigned int reg, unsigned int intid)
{
    return (read32(gic_bits(reg, intid)) >> intid % 32 & 1) != 0;
}

void gic_prioritise(unsigned int intid, uint8_t priority)
{
    write8((gic_bits(IPRIORITYR, intid) & ~0xfffUL) + IPRIORITYR + intid, priority);
}

void gic_send_sgi(unsigned int intid)
{
    if (gic_is_v3) {
        sysreg_write("S3_0_C12_C11_5", (uint64_t)intid << 24 | 1); /* ICC_SGI1R_EL1 */
    } else {
        write32(GICD + SGIR, 2U << 24 | intid);
    }
}

static uint32_t acknowledge(void)
{
    uint64_t value;

    if (!gic_is_v3) {
        return read32(GICC + GICC_IAR);
    }
    __asm__ volatile("mrs %0, S3_0_C12_C12_0; dsb sy" : "=r"(value) : : "memory"); /* IAR1 */
    return (uint32_t)value;
}

unsigned int gic_take(void)
{
    uint32_t iar = NOTHING;

    for (unsigned int i = 0; i < TRIES && iar == NOTHING; i++) {
        iar = acknowledge();
    }
    return iar;
}

void gic_end(unsigned int intid)
{
    if (intid >= 1020) {
        return;
    }
    if (gic_is_v3) {
        sysreg_write("S3_0_C12_C12_1", intid); /* ICC_EOIR1_EL1 */
    } else {
        write32(GICC + GICC_EOIR, intid);
    }
}
