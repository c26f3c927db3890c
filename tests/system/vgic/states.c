/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pending and active interrupts: as many as there are priorities active at once, states that are
 * written, levels: SGIs, SPIs that nothing is at, the serial port's and the timer's.
 */
#include "tests/system/vgic/vgic.h"

#define SGI    5U
#define SPI    40U
#define LAST   34U
#define LEVELS 30 /* of 32: one is below them, and the lowest is masked always */

static bool is_level(unsigned int intid)
{
    return intid == UART_INTID || intid == TIMER;
}

static void raise_it(unsigned int intid)
{
    if (intid < 16) {
        gic_send_sgi(intid);
    } else if (intid == UART_INTID) {
        write32(UART + UART_IMSC, TX);
        write32(UART + UART_DR, 0);
    } else if (intid == TIMER) {
        __asm__ volatile("msr cntv_cval_el0, xzr; msr cntv_ctl_el0, %0; isb" : : "r"(1UL));
    } else {
        gic_set(ISPENDR, intid);
    }
    wait_us(20);
}

static void lower_it(unsigned int intid)
{
    if (intid == UART_INTID) {
        write32(UART + UART_IMSC, 0);
        write32(UART + UART_ICR, 0x7ff);
    } else if (intid == TIMER) {
        __asm__ volatile("msr cntv_ctl_el0, xzr; isb");
    }
    wait_us(20);
}

static unsigned int take_and_end(void)
{
    unsigned int intid = gic_take();

    gic_end(intid);
    return intid;
}

/* Nothing is left of what was before. */
static void settle(unsigned int intid)
{
    lower_it(intid);
    while (take_and_end() != NOTHING) {
    }
}

static void prepare(unsigned int intid, uint8_t priority)
{
    gic_prioritise(intid, priority);
    gic_set(ISENABLER, intid);
}

/* The i-th that is taken: first those of devices, then SGIs, then SPIs. */
static unsigned int nested_intid(unsigned int i)
{
    if (i < 2) {
        return i == 0 ? UART_INTID : TIMER;
    }
    return i < 10 ? i : 33 + i;
}

/* As deep as it goes. */
static unsigned int nest(void)
{
    for (unsigned int i = 0; i < LEVELS; i++) {
        unsigned int intid = nested_intid(i);
        unsigned int got;

        prepare(intid, (uint8_t)(0xe8 - i * 8));
        raise_it(intid);
        got = gic_take();
        lower_it(intid);
        if (got != intid) {
            gic_set(ICENABLER, intid);
            gic_set(ICPENDR, intid);
            return i;
        }
    }
    return LEVELS;
}

static void unnest(unsigned int depth)
{
    for (unsigned int i = depth; i-- > 0;) {
        unsigned int intid = nested_intid(i);

        check("nested, active", intid, gic_get(ISACTIVER, intid), 1);
        gic_end(intid);
        wait_us(20);
        check("nested, ended", intid, gic_get(ISACTIVER, intid), 0);
        check("nested, not what is next", intid, i > 0 ? gic_take() : NOTHING, NOTHING);
    }
}

static void nesting(void)
{
    unsigned int depth;

    prepare(LAST, 0xf0);
    depth = nest();
    check("nested", LEVELS, depth, LEVELS);
    raise_it(LAST);
    check("below all that are active", LAST, take_and_end(), NOTHING);
    check("below all that are active, pending", LAST, gic_get(ISPENDR, LAST), 1);
    unnest(depth);
    check("below all, then", LAST, gic_take(), LAST);
    gic_end(LAST);
    for (unsigned int i = 0; i < depth; i++) {
        unsigned int intid = nested_intid(i);

        raise_it(intid);
        check("after nesting", intid, gic_take(), intid);
        lower_it(intid);
        gic_end(intid);
        gic_set(ICENABLER, intid);
    }
    settle(LAST);
}

static void made_active(unsigned int intid)
{
    gic_set(ISACTIVER, intid);
    check("made active", intid, gic_get(ISACTIVER, intid), 1);
    raise_it(intid);
    check("made active, pending", intid, gic_get(ISPENDR, intid), 1);
    check("made active, does not come", intid, take_and_end(), NOTHING);
    gic_set(ICACTIVER, intid);
    wait_us(20);
    check("made inactive, comes", intid, gic_take(), intid);
    lower_it(intid);
    gic_end(intid);
    settle(intid);
    raise_it(intid);
    gic_set(ISACTIVER, intid);
    check("made active when offered", intid, take_and_end(), NOTHING);
    gic_set(ICACTIVER, intid);
    wait_us(20);
    check("offered again", intid, gic_take(), intid);
    lower_it(intid);
    gic_end(intid);
    settle(intid);
}

static void made_inactive(unsigned int intid)
{
    raise_it(intid);
    (void)gic_take();
    lower_it(intid);
    gic_set(ICACTIVER, intid);
    check("taken, made inactive", intid, gic_get(ISACTIVER, intid), 0);
    raise_it(intid);
    check("taken, its priority stays", intid, take_and_end(), NOTHING);
    gic_end(intid);
    wait_us(20);
    check("taken, comes again", intid, gic_take(), intid);
    lower_it(intid);
    check("taken again, active", intid, gic_get(ISACTIVER, intid), 1);
    gic_end(intid);
    settle(intid);
}

/* No hypervisor is told that the line of a device which the guest has itself is down again. */
static void fallen(unsigned int intid)
{
    unsigned int got;

    raise_it(intid);
    lower_it(intid);
    got = take_and_end();
    check(is_level(intid) ? "fallen" : "cannot fall", intid, got,
          is_level(intid) ? NOTHING : intid);
    settle(intid);
    gic_set(ICENABLER, intid);
    raise_it(intid);
    check("disabled, pending", intid, gic_get(ISPENDR, intid), 1);
    lower_it(intid);
    check("disabled, fallen", intid, gic_get(ISPENDR, intid), !is_level(intid));
    gic_set(ISENABLER, intid);
    wait_us(20);
    got = take_and_end();
    check("disabled, fallen, enabled", intid, got, is_level(intid) ? NOTHING : intid);
    settle(intid);
}

static void changed_at_once(unsigned int intid)
{
    unsigned int got;

    raise_it(intid);
    gic_set(ICENABLER, intid);
    check("disabled", intid, take_and_end(), NOTHING);
    gic_set(ISENABLER, intid);
    wait_us(20);
    write32(GICD + CTLR, 0);
    check("distributor off", intid, take_and_end(), NOTHING);
    write32(GICD + CTLR, 3);
    wait_us(20);
    if (intid < 16 && !gic_is_v3) {
        write8(GICD + CPENDSGIR + intid, 0xff);
    } else {
        gic_set(ICPENDR, intid);
    }
    wait_us(20);
    check("cleared", intid, gic_get(ISPENDR, intid), is_level(intid));
    got = gic_take();
    lower_it(intid);
    gic_end(got);
    check("cleared, comes", intid, got, is_level(intid) ? intid : NOTHING);
    settle(intid);
}

void states_all(void)
{
    static const unsigned int intids[] = {SGI, SPI, UART_INTID, TIMER};

    gic_on();
    nesting();
    for (unsigned int i = 0; i < sizeof(intids) / sizeof(intids[0]); i++) {
        prepare(intids[i], 0x80);
        made_active(intids[i]);
        made_inactive(intids[i]);
        fallen(intids[i]);
        changed_at_once(intids[i]);
        gic_set(ICENABLER, intids[i]);
    }
}
