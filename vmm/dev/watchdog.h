/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A generic watchdog (Arm BSA 1.0, DEN0094, appendix "Generic Watchdog"; architecture version 1,
 * whose offset has 48 bits): two frames of registers. A refresh sets the compare value to the
 * system counter plus the offset. When the counter is past the compare value the first time, the
 * signal WS0 comes up and the compare value moves on by the offset once more; the second time WS1
 * does, and the guest is to be restarted.
 *
 * It has no timer of its own. Whoever has one is told when WS1 would come up, and anew whenever
 * that changes; the signals are worked out from the counter when somebody looks. There are no
 * interrupts.
 */
#ifndef SLUICE_VMM_DEV_WATCHDOG_H
#define SLUICE_VMM_DEV_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"

#define WATCHDOG_FRAME_SIZE  0x1000 /* of each of the two */
#define WATCHDOG_BOOT_FACTOR 10

/* What a watchdog needs of the machine. */
struct watchdog_machine {
    uint64_t (*now)(void *context); /* CNTPCT_EL0 */
    uint64_t frequency;             /* CNTFRQ_EL0 */
    /* It expires when the counter reaches `when`; 0: never. */
    void (*deadline)(void *context, uint64_t when);
    void *context;
};

struct watchdog {
    const struct watchdog_machine *machine;
    uint64_t deadline; /* what was told last */
    uint64_t compare;
    uint64_t offset;
    bool is_enabled;
    bool ws0;
    bool ws1;
};

/* The context of both is a struct watchdog. */
extern const struct mmio_ops watchdog_refresh_ops;
extern const struct mmio_ops watchdog_control_ops;

/* Off. `machine` stays the caller's. */
void watchdog_init(struct watchdog *dog, const struct watchdog_machine *machine);
/* Off, as after watchdog_init(); the deadline is told to be never, if it was otherwise. */
void watchdog_reset(struct watchdog *dog);
/* On, to expire in `seconds` after each refresh by the guest, unless it sets it up anew; before the
 * first, WATCHDOG_BOOT_FACTOR times as late: a boot takes as long as the machine is busy. */
void watchdog_start(struct watchdog *dog, uint32_t seconds);

#endif
