/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the distributors of both versions have alike, and a GICv3's redistributor in its second
 * frame for the SGIs and PPIs of its core (IHI 0048B 4.3, IHI 0069H 12.9 and 12.11): `base` is that
 * of one of them. Kernel context; none of these waits for the hardware.
 */
#ifndef SLUICE_KERNEL_DEV_GIC_DISTRIBUTOR_H
#define SLUICE_KERNEL_DEV_GIC_DISTRIBUTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/arch/arch.h"

/* A bit an interrupt. */
#define GIC_IGROUPR   0x080
#define GIC_ISENABLER 0x100
#define GIC_ICENABLER 0x180
#define GIC_ISPENDR   0x200
#define GIC_ICPENDR   0x280
#define GIC_ISACTIVER 0x300
#define GIC_ICACTIVER 0x380
/* A byte, and two bits, of which the upper one says edge. */
#define GIC_IPRIORITYR 0x400
#define GIC_ICFGR      0xc00

#define GIC_ARCHREV(pidr2) ((pidr2) >> 4 & 0xf)
#define GIC_LINES(typer)   ((((typer)&0x1f) + 1) * 32)

/* Below the top, so that a later use of priorities has room on both sides; not 0xff: masked. */
#define GIC_PRIORITY_DEFAULT 0x80808080U

static inline uint64_t gic_bit_register(uint64_t base, uint32_t bits, uint32_t intid)
{
    return base + bits + intid / 32 * 4;
}

static inline uint32_t gic_bit(uint32_t intid)
{
    return 1U << intid % 32;
}

static inline void gic_write_bit(uint64_t base, uint32_t bits, uint32_t intid)
{
    arch_write32(gic_bit_register(base, bits, intid), gic_bit(intid));
}

static inline bool gic_read_bit(uint64_t base, uint32_t bits, uint32_t intid)
{
    return (arch_read32(gic_bit_register(base, bits, intid)) & gic_bit(intid)) != 0;
}

static inline void gic_set_trigger(uint64_t base, uint32_t intid, bool edge)
{
    uint64_t config = base + GIC_ICFGR + intid / 16 * 4;
    uint32_t edge_bit = 2U << intid % 16 * 2;
    uint32_t value = arch_read32(config);

    arch_write32(config, edge ? value | edge_bit : value & ~edge_bit);
}

/* 32 interrupts from `intid` on: off, neither pending nor active, of one priority. */
static inline void gic_quiet(uint64_t base, uint32_t intid)
{
    arch_write32(gic_bit_register(base, GIC_ICENABLER, intid), ~0U);
    arch_write32(gic_bit_register(base, GIC_ICPENDR, intid), ~0U);
    arch_write32(gic_bit_register(base, GIC_ICACTIVER, intid), ~0U);
    for (uint32_t i = intid; i < intid + 32; i += 4) {
        arch_write32(base + GIC_IPRIORITYR + i, GIC_PRIORITY_DEFAULT);
    }
}

#endif
