/* SPDX-License-Identifier: BSD-2-Clause */
/* The GIC of the model, a GICv2 or a GICv3: what devices, guests and the test see of it (gic.c).
 * List registers are those of a GICv2. */
#ifndef SLUICE_TESTS_MODEL_GIC_H
#define SLUICE_TESTS_MODEL_GIC_H

#include "tests/model/model.h"

#define LR_HW           (1U << 31)
#define LR_GROUP1       (1U << 30)
#define LR_ACTIVE       (1U << 29)
#define LR_PENDING      (1U << 28)
#define LR_EOI          (1U << 19)
#define LR_STATE        (LR_PENDING | LR_ACTIVE)
#define LR_INTID(lr)    ((lr)&0x3ff)
#define LR_PHYSICAL(lr) ((lr) >> 10 & 0x3ff)
#define LR_SOURCE(lr)   ((lr) >> 10 & 7)
#define LR_PRIORITY(lr) ((lr) >> 23 & 0x1f)
#define VMCR_ENABLES    3U
#define VMCR_MASK(vmcr) ((vmcr) >> 27)

#define GIC_NONE 1023U

extern bool gic_is_v3;

void gic_reset(void);
/* Lines have moved with time. */
void gic_update(void);
/* Whether the core is interrupted now. */
bool gic_interrupts(unsigned int core);
/* Whether an IPI is on its way to it, or any interrupt. */
bool gic_has_ipi(unsigned int core);
/* Whether GIC_POST is on its way. */
bool gic_has_post(unsigned int core);
/* The core should be interrupted, and is not: QEMU has not looked, and nothing will make it look
 * that the guest has in a list register. */
bool gic_forgets(unsigned int core);
/* A device: an edge, or a level that stays until it is lowered. */
void gic_raise(uint32_t intid);
void gic_lower(uint32_t intid);
bool gic_is_raised(uint32_t intid);
bool gic_physical_is_active(unsigned int core, uint32_t intid);
bool gic_physical_is_enabled(unsigned int core, uint32_t intid);
bool gic_maintenance_is_up(unsigned int core);
uint32_t gic_list(unsigned int core, unsigned int index);
/* The guest of `here`: GICV. */
bool gic_guest_has_interrupt(unsigned int core);
uint32_t gic_guest_acknowledge(void);               /* IAR */
uint32_t gic_guest_source(void);                    /* … and which CPU sent that SGI */
void gic_guest_end(uint32_t intid);                 /* EOIR, of what it took last */
void gic_guest_control(bool enable, uint32_t mask); /* CTLR, PMR */
bool gic_guest_is_enabled(void);
/* The priority at which it is, or GIC_NONE: it has taken nothing that it has not ended. */
uint32_t gic_guest_running(void);

#endif
