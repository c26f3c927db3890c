/* SPDX-License-Identifier: BSD-2-Clause */
/* See level.h. */
#include "vmm/irq/level.h"

#include <stddef.h>

bool level_irq_init(struct level_irq *irq, struct vgic *vgic, unsigned int intid)
{
    *irq = (struct level_irq){.vgic = vgic};
    if (intid >= VGIC_PRIVATE_COUNT) {
        irq->virq = vgic_find(vgic, 0, intid);
    }
    return irq->virq != NULL;
}

void level_irq_reset(struct level_irq *irq)
{
    if (irq->virq != NULL) {
        irq->virq->is_up = false;
    }
}

void level_irq_set(struct level_irq *irq, bool is_up)
{
    if (irq->virq != NULL) {
        vgic_set_level(irq->vgic, irq->virq, is_up);
    }
}
