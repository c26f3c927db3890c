/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See kernel/arch/gic.h. The models of the tests are GICv2s, behind arch_read32() and
 * arch_write32(). Here the system registers of a GICv3 become theirs, at host.gicd, gicc and gich:
 * the two differ in where a register has what, and not in what happens.
 */
#include "kernel/arch/gic.h"

#include <assert.h>

#include "kernel/arch/host/host.h"

#define GICC_IAR   0x0c
#define GICC_EOIR  0x10
#define GICC_DIR   0x1000
#define GICD_SGIR  0xf00
#define GICH_HCR   0x000
#define GICH_VMCR  0x008
#define GICH_EISR0 0x020
#define GICH_ELSR0 0x030
#define GICH_APR   0x0f0
#define GICH_LR    0x100

#define INTID 0x3ffU

bool arch_gic_has_registers(void)
{
    return host.gich != 0;
}

void arch_gic_init_cpu(void)
{
}

uint64_t arch_gic_acknowledge(void)
{
    host.lists_are_stale = false; /* the first thing after an exception */
    return arch_read32(host.gicc + GICC_IAR) & INTID;
}

void arch_gic_end(uint64_t intid)
{
    arch_write32(host.gicc + GICC_EOIR, (uint32_t)intid);
}

void arch_gic_deactivate(uint64_t value)
{
    arch_write32(host.gicc + GICC_DIR, (uint32_t)value);
}

void arch_gic_send(uint64_t value)
{
    arch_write32(host.gicd + GICD_SGIR, (uint32_t)(value & 0xffff) << 16 | (value >> 24 & 0xf));
}

uint64_t arch_gic_hcr(void)
{
    return arch_read32(host.gich + GICH_HCR);
}

void arch_gic_set_hcr(uint64_t value)
{
    arch_write32(host.gich + GICH_HCR, (uint32_t)value);
}

uint64_t arch_gic_vtr(void)
{
    return host.gic_type;
}

/* Both have the groups, the binary points and the mask in the same bits. */
uint64_t arch_gic_vmcr(void)
{
    return arch_read32(host.gich + GICH_VMCR);
}

void arch_gic_set_vmcr(uint64_t value)
{
    arch_write32(host.gich + GICH_VMCR, (uint32_t)value);
}

/* State, HW and group; priority; the number of a physical interrupt, or whether its EOI is told;
 * the number. */
uint32_t host_list_of_v2(uint64_t value)
{
    uint32_t physical = (value & 1UL << 61) != 0 ? (uint32_t)(value >> 32 & INTID) << 10
                                                 : (uint32_t)(value >> 41 & 1) << 19;

    return (uint32_t)(value >> 62 & 3) << 28 | (uint32_t)(value >> 61 & 1) << 31 |
           (uint32_t)(value >> 60 & 1) << 30 | (uint32_t)(value >> 51 & 0x1f) << 23 | physical |
           (uint32_t)(value & INTID);
}

static uint64_t list_of_v3(uint32_t value)
{
    uint64_t physical = (value & 1U << 31) != 0 ? (uint64_t)(value >> 10 & INTID) << 32
                                                : (uint64_t)(value >> 19 & 1) << 41;

    return (uint64_t)(value >> 28 & 3) << 62 | (uint64_t)(value >> 31) << 61 |
           (uint64_t)(value >> 30 & 1) << 60 | (uint64_t)(value >> 23 & 0x1f) << 51 | physical |
           (value & INTID);
}

uint64_t arch_gic_list(unsigned int index)
{
    return list_of_v3(arch_read32(host.gich + GICH_LR + index * 4));
}

void arch_gic_set_list(unsigned int index, uint64_t value)
{
    host.lists_are_stale = true;
    arch_write32(host.gich + GICH_LR + index * 4, host_list_of_v2(value));
}

uint64_t arch_gic_active(unsigned int index)
{
    return index == 0 ? arch_read32(host.gich + GICH_APR) : 0;
}

void arch_gic_set_active(unsigned int index, uint64_t value)
{
    if (index == 0) {
        arch_write32(host.gich + GICH_APR, (uint32_t)(value | value >> 32));
    }
}

uint64_t arch_gic_ended_lists(void)
{
    assert(!host.lists_are_stale);
    return arch_read32(host.gich + GICH_EISR0);
}

uint64_t arch_gic_free_lists(void)
{
    assert(!host.lists_are_stale);
    return arch_read32(host.gich + GICH_ELSR0);
}

void arch_gic_sync(void)
{
    host.lists_are_stale = false;
}
