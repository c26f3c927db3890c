/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the distributor shows of an interrupt that is pending or active, and what becomes of one
 * that is pending when it is changed there (IHI 0048B, 4.3): an SGI, an SPI that nothing is at, the
 * serial port's, the timer's.
 */
#include "tests/system/bare/bare.h"

#define SGI   5U
#define OTHER 9U
#define SPI   40U

static bool is_level(unsigned int intid)
{
    return intid == UART_INTID || intid == TIMER;
}

static void raise_it(unsigned int intid)
{
    if (intid < 16) {
        write32(GICD + GICD_SGIR, 2U << 24 | intid);
    } else if (intid == UART_INTID) {
        write32(UART + UART_IMSC, TX);
        write32(UART + UART_DR, 0);
    } else if (intid == TIMER) {
        set_timer(0);
    } else {
        write_bit(GICD_ISPENDR, intid);
    }
    wait_us(20);
}

static void lower_it(unsigned int intid)
{
    if (intid == UART_INTID) {
        write32(UART + UART_IMSC, 0);
        write32(UART + UART_ICR, 0x7ff);
    } else if (intid == TIMER) {
        stop_timer();
    }
    wait_us(20);
}

static void clear_it(unsigned int intid)
{
    if (intid < 16) {
        write8(GICD + GICD_CPENDSGIR + intid, 0xff);
    } else {
        write_bit(GICD_ICPENDR, intid);
    }
    wait_us(20);
}

/* Nothing is left of what was before. */
static void settle(unsigned int intid)
{
    lower_it(intid);
    gic_on();
    write_bit(GICD_ISENABLER, intid);
    write32(GICC + GICC_CTLR, CTLR_BOTH_GROUPS);
    while (take_and_end() != NOTHING) {
    }
    write32(GICC + GICC_CTLR, CTLR_ON);
}

static void shows(unsigned int intid)
{
    uint64_t pending;
    uint64_t active;
    uint32_t iar;

    raise_it(intid);
    check("pending", "shows pending", intid, read_bit(GICD_ISPENDR, intid), 1);
    check("pending", "shows not active", intid, read_bit(GICD_ISACTIVER, intid), 0);
    raise_it(intid);
    iar = take();
    active = read_bit(GICD_ISACTIVER, intid);
    lower_it(intid);
    pending = read_bit(GICD_ISPENDR, intid);
    end(iar);
    check("pending", "is taken", intid, INTID(iar), intid);
    check("pending", "shows active", intid, active, 1);
    check("pending", "shows not pending", intid, pending, 0);
    check("pending", "shows nothing", intid,
          read_bit(GICD_ISPENDR, intid) || read_bit(GICD_ISACTIVER, intid), 0);
    settle(intid);
}

static void disabled(unsigned int intid)
{
    uint64_t pending;
    uint32_t got;

    raise_it(intid);
    write_bit(GICD_ICENABLER, intid);
    got = take_and_end();
    check("pending", "disabled", intid, got, NOTHING);
    raise_it(intid);
    pending = read_bit(GICD_ISPENDR, intid);
    write_bit(GICD_ISENABLER, intid);
    wait_us(20);
    got = take_and_end();
    check("pending", "disabled and shown", intid, pending, 1);
    check("pending", "enabled again", intid, got, intid);
    settle(intid);
}

static void distributor_off(unsigned int intid)
{
    uint32_t off;
    uint32_t on;

    raise_it(intid);
    write32(GICD + GICD_CTLR, 0);
    off = take_and_end();
    write32(GICD + GICD_CTLR, 3);
    wait_us(20);
    on = take_and_end();
    check("pending", "distributor off", intid, off, NOTHING);
    check("pending", "distributor on again", intid, on, intid);
    settle(intid);
}

static void cleared(unsigned int intid)
{
    uint32_t got;

    raise_it(intid);
    clear_it(intid);
    got = take_and_end();
    check("pending", "cleared", intid, got, is_level(intid) ? intid : NOTHING);
    settle(intid);
}

static void priority_raised(unsigned int intid)
{
    uint32_t first;
    uint32_t second;

    raise_it(intid);
    raise_it(OTHER); /* of higher priority */
    write8(GICD + GICD_IPRIORITYR + intid, 0x20);
    first = take();
    lower_it(intid);
    end(first);
    second = take_and_end();
    write8(GICD + GICD_IPRIORITYR + intid, 0x80);
    check("pending", "priority raised", intid, INTID(first), intid);
    check("pending", "priority raised, the other", intid, second, OTHER);
    settle(intid);
}

static void group_changed(unsigned int intid)
{
    uint64_t reg = GICD + GICD_IGROUPR + intid / 32 * 4;
    uint32_t groups = read32(reg);
    uint32_t iar;

    write32(reg, groups | 1U << intid % 32);
    raise_it(intid);
    write32(reg, groups);
    iar = take();
    lower_it(intid);
    end(iar);
    check("pending", "group 1 to 0", intid, INTID(iar), intid);
    check("pending", "group 1 to 0, then nothing", intid, INTID(read32(GICC + GICC_HPPIR)),
          NOTHING);
    settle(intid);
}

void pending_all(void)
{
    static const unsigned int intids[] = {SGI, SPI, UART_INTID, TIMER};

    gic_on();
    write_bit(GICD_ISENABLER, OTHER);
    write8(GICD + GICD_IPRIORITYR + OTHER, 0x40);
    for (unsigned int i = 0; i < sizeof(intids) / sizeof(intids[0]); i++) {
        write8(GICD + GICD_IPRIORITYR + intids[i], 0x80);
        write8(GICD + GICD_ITARGETSR + intids[i], 1);
        write_bit(GICD_ISENABLER, intids[i]);
        settle(intids[i]);
        shows(intids[i]);
        disabled(intids[i]);
        distributor_off(intids[i]);
        cleared(intids[i]);
        priority_raised(intids[i]);
        group_changed(intids[i]);
        write_bit(GICD_ICENABLER, intids[i]);
    }
}
