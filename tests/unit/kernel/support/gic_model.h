/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GICv2 with one core behind arch_read32() and arch_write32(), and a GICv3 by way of arch/host:
 * what fires, what a guest takes and ends. Interrupts are edges, the maintenance interrupt is a
 * level. The lazy model is like QEMU's: a guest's EOI alone does not interrupt the core, though it
 * deactivates an interrupt that is pending again; that is seen when a line or register of the
 * physical side changes.
 */
#ifndef SLUICE_TESTS_UNIT_KERNEL_SUPPORT_GIC_MODEL_H
#define SLUICE_TESTS_UNIT_KERNEL_SUPPORT_GIC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/dev/gic.h"

#define MODEL_INTIDS      128
#define MODEL_LISTS       4
#define MODEL_MAINTENANCE 25
#define MODEL_NONE        1023

struct gic_model {
    bool enabled[MODEL_INTIDS];
    bool pending[MODEL_INTIDS];
    bool active[MODEL_INTIDS];
    uint32_t lists[MODEL_LISTS];
    uint32_t control;   /* GICH_HCR */
    uint32_t taken[32]; /* what the guest has taken and not ended, by its priority … */
    uint32_t running;   /* … of which these are active: GICH_APR */
    bool is_lazy;
    uint32_t chosen; /* what interrupts the core; MODEL_NONE: nothing */
};

extern struct gic_model gic_model;

/* Nothing has fired, and the kernel's `gic`, started on core 0, is this one. After host_reset(). */
void gic_model_begin(const struct gic_ops *ops);
/* A device, or a timer. */
void gic_model_raise(uint32_t intid);
void gic_model_lower(uint32_t intid);
/* Whether the core is interrupted now. */
bool gic_model_interrupts(void);
/* The guest reads IAR: MODEL_NONE unless an interrupt of higher priority than the active ones is in
 * a list register. */
uint32_t gic_model_guest_acknowledge(void);
/* The guest writes EOIR of the one that it has taken last; MODEL_NONE: there is none. */
uint32_t gic_model_guest_end(void);
bool gic_model_guest_is_active(uint32_t intid);

#endif
