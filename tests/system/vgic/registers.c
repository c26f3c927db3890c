/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of the distributor, and of a GICv3's redistributor: what they are after a reset, and
 * what stays of ones and of zeros (IHI 0048B, 4.3; IHI 0069H, 12.9 to 12.11). There are 64
 * interrupts, and one CPU.
 */
#include "tests/system/vgic/vgic.h"

#define GICR_RD  GICR
#define GICR_SGI (GICR + 0x10000)

/* A word; `pair` is the one that clears what it sets, or 0. */
struct row {
    const char *name;
    uint64_t address;
    uint32_t reset;
    uint32_t mask;
    uint64_t pair;
};

#define PAIR(frame, set, word) (frame) + (set) + (word)*4

static const struct row gicv2[] = {
    {"GICD_CTLR", GICD, 0, 0x3, 0},
    {"GICD_TYPER", GICD + 0x004, 0x1, 0, 0},
    {"GICD_IIDR", GICD + 0x008, 0x43b, 0, 0},
    {"reserved", GICD + 0x00c, 0, 0, 0},
    {"GICD_IGROUPR", GICD + 0x080, 0, ~0U, 0},
    {"GICD_IGROUPR", GICD + 0x084, 0, ~0U, 0},
    {"GICD_IGROUPR beyond", GICD + 0x088, 0, 0, 0},
    {"GICD_ISENABLER", GICD + 0x104, 0, ~0U, GICD + 0x184},
    {"GICD_ISPENDR", GICD + 0x200, 0, 0xf7ff0000, GICD + 0x280}, /* no SGIs; the timer's below */
    {"GICD_ISPENDR", GICD + 0x204, 0, 0xfffffffd, GICD + 0x284},
    {"GICD_ISPENDR beyond", GICD + 0x208, 0, 0, 0},
    {"GICD_ISACTIVER", GICD + 0x300, 0, ~0U, GICD + 0x380},
    {"GICD_ISACTIVER", GICD + 0x304, 0, ~0U, GICD + 0x384},
    {"GICD_IPRIORITYR", GICD + 0x404, 0, 0xf8f8f8f8, 0},
    {"GICD_IPRIORITYR", GICD + 0x424, 0, 0xf8f8f8f8, 0},
    {"GICD_IPRIORITYR beyond", GICD + 0x440, 0, 0, 0},
    {"GICD_ITARGETSR", GICD + 0x800, 0, 0, 0}, /* of one CPU: zero */
    {"GICD_ITARGETSR", GICD + 0x820, 0, 0, 0},
    {"GICD_ICFGR", GICD + 0xc00, 0xaaaaaaaa, 0, 0},
    {"GICD_ICFGR", GICD + 0xc0c, 0, 0xaaaaaaaa, 0},
    {"GICD_ICFGR beyond", GICD + 0xc10, 0, 0, 0},
    {"GICD_SPENDSGIR", GICD + 0xf24, 0, 0x01010101, GICD + 0xf14},
    {"GICD_ICPIDR2", GICD + 0xfe8, 0x2b, 0, 0},
};

static const struct row gicv3[] = {
    {"GICD_CTLR", GICD, 0x50, 0x3, 0},
    {"GICD_IIDR", GICD + 0x008, 0x43b, 0, 0},
    {"GICD_IGROUPR, of others", GICD + 0x080, 0, 0, 0},
    {"GICD_IGROUPR", GICD + 0x084, 0, ~0U, 0},
    {"GICD_ISENABLER", GICD + 0x104, 0, ~0U, GICD + 0x184},
    {"GICD_ISPENDR", GICD + 0x204, 0, 0xfffffffd, GICD + 0x284},
    {"GICD_ISACTIVER", GICD + 0x304, 0, ~0U, GICD + 0x384},
    {"GICD_ISACTIVER beyond", GICD + 0x308, 0, 0, 0},
    {"GICD_IPRIORITYR", GICD + 0x424, 0, 0xf8f8f8f8, 0},
    {"GICD_ITARGETSR", GICD + 0x820, 0, 0, 0},
    {"GICD_ICFGR", GICD + 0xc0c, 0, 0xaaaaaaaa, 0},
    {"GICD_IROUTER", GICD + 0x6140, 0, 0xffffff, 0},
    {"GICD_IROUTER, above", GICD + 0x6144, 0, 0xff, 0},
    {"GICD_PIDR2", GICD + 0xffe8, 0x3b, 0, 0},
    {"GICR_WAKER", GICR_RD + 0x014, 0x6, 0x6, 0},
    {"GICR_PIDR2", GICR_RD + 0xffe8, 0x3b, 0, 0},
    {"GICR_IGROUPR0", GICR_SGI + 0x080, 0, ~0U, 0},
    {"GICR_ISPENDR0", GICR_SGI + 0x200, 0, 0xf7ffffff, GICR_SGI + 0x280},
    {"GICR_ISACTIVER0", GICR_SGI + 0x300, 0, ~0U, GICR_SGI + 0x380},
    {"GICR_IPRIORITYR", GICR_SGI + 0x404, 0, 0xf8f8f8f8, 0},
    {"GICR_ICFGR0", GICR_SGI + 0xc00, 0xaaaaaaaa, 0, 0},
};

static void check_row(const struct row *row)
{
    check(row->name, row->address & 0xffff, read32(row->address), row->reset);
    /* Not what devices have: an interrupt that was made pending for them would come. */
    write32(row->address, row->pair != 0 ? row->mask : ~0U);
    check(row->name, row->address & 0xffff, read32(row->address), row->mask | row->reset);
    if (row->pair != 0) {
        check(row->name, row->pair & 0xffff, read32(row->pair), row->mask | row->reset);
        write32(row->pair, ~0U);
        check(row->name, row->pair & 0xffff, read32(row->pair), 0);
    } else {
        write32(row->address, 0);
    }
    check(row->name, row->address & 0xffff, read32(row->address), row->reset & ~row->mask);
}

void registers_all(void)
{
    const struct row *rows = gic_is_v3 ? gicv3 : gicv2;
    unsigned int count =
        gic_is_v3 ? sizeof(gicv3) / sizeof(gicv3[0]) : sizeof(gicv2) / sizeof(gicv2[0]);

    for (unsigned int i = 0; i < count; i++) {
        check_row(&rows[i]);
    }
    write32(GICD + CTLR, 0);
    for (unsigned int intid = 0; intid < 64; intid += 32) {
        write32(gic_bits(ICENABLER, intid), ~0U);
    }
}
