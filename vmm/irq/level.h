/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The level-triggered interrupt of an emulated device. A vgic's interrupts are raised and never
 * lowered (vgic.h); this keeps the level. One that rises raises the interrupt, and one that is
 * still up when the guest ended the interrupt, or cleared its pending state, raises it again. What
 * happens to the level in between does not matter: the guest's handler looks at the device.
 */
#ifndef SLUICE_VMM_IRQ_LEVEL_H
#define SLUICE_VMM_IRQ_LEVEL_H

#include <stdbool.h>

#include "vmm/irq/vgic.h"

struct level_irq {
    struct vgic *vgic;
    struct virq *virq;
    bool is_up;
};

/* Becomes the source of `intid`, an SPI. False: there is no such interrupt, and levels go nowhere.
 * vgic_reset() leaves sources as they are. */
bool level_irq_init(struct level_irq *irq, struct vgic *vgic, unsigned int intid);
/* Down, as after level_irq_init(). With vgic_reset(), in any order. */
void level_irq_reset(struct level_irq *irq);
void level_irq_set(struct level_irq *irq, bool is_up);

#endif
