/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PL031, the clock (ARM DDI 0224C), for a guest that does not have the machine's to itself: it
 * shows the machine's time. What the guest sets is its own, until its VMM starts anew. There is an
 * alarm, which the guest may ask for, but no interrupt.
 */
#ifndef SLUICE_VMM_DEV_PL031_H
#define SLUICE_VMM_DEV_PL031_H

#include "vmm/dev/mmio_bus.h"

#define PL031_SIZE 0x1000u

struct pl031 {
    const volatile uint32_t *seconds; /* since 1970: the machine's RTCDR */
    uint32_t ahead;                   /* of that, modulo 2^32 */
    uint32_t load;
    uint32_t match;
    uint32_t armed_at; /* when the match was set */
    bool is_armed;
    uint32_t mask;
};

extern const struct mmio_ops pl031_ops; /* context: struct pl031 * */

/* `seconds` is read whenever the guest looks. */
void pl031_init(struct pl031 *clock, const volatile uint32_t *seconds);
/* The guest restarts: the alarm is off, the time goes on. */
void pl031_reset(struct pl031 *clock);

#endif
