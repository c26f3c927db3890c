/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The level-triggered interrupt of an emulated device, if it has one. It is pending while the level
 * is up and the guest is not handling it, and not otherwise, but for what the guest itself makes
 * pending.
 */
#ifndef SLUICE_VMM_IRQ_LEVEL_H
#define SLUICE_VMM_IRQ_LEVEL_H

#include <stdbool.h>

#include "vmm/irq/vgic.h"

struct level_irq {
    struct vgic *vgic;
    struct virq *virq; /* NULL: levels go nowhere */
};

/* Becomes the source of `intid`, an SPI. False: there is no such interrupt, and levels go nowhere.
 */
bool level_irq_init(struct level_irq *irq, struct vgic *vgic, unsigned int intid);
/* Down, as after level_irq_init(). With vgic_reset(), in any order. */
void level_irq_reset(struct level_irq *irq);
void level_irq_set(struct level_irq *irq, bool is_up);

#endif
