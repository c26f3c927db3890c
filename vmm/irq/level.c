/* SPDX-License-Identifier: BSD-2-Clause */
/* See level.h. */
#include "vmm/irq/level.h"

#include <stddef.h>

static void ended(void *context, struct virq *virq)
{
    const struct level_irq *irq = context;

    if (irq->is_up) {
        vgic_raise(irq->vgic, virq);
    }
}

bool level_irq_init(struct level_irq *irq, struct vgic *vgic, unsigned int intid)
{
    *irq = (struct level_irq){.vgic = vgic};
    if (intid < VGIC_PRIVATE_COUNT) {
        return false;
    }
    irq->virq = vgic_find(vgic, 0, intid);
    if (irq->virq == NULL) {
        return false;
    }
    vgic_set_source(irq->virq, ended, irq);
    return true;
}

void level_irq_reset(struct level_irq *irq)
{
    irq->is_up = false;
}

/* What is in flight already is looked at again at its end, and not raised a second time: the guest
 * would find nothing to do then. */
void level_irq_set(struct level_irq *irq, bool is_up)
{
    bool rises = is_up && !irq->is_up;

    irq->is_up = is_up;
    if (rises && irq->virq != NULL && !irq->virq->in_flight && !irq->virq->pending) {
        vgic_raise(irq->vgic, irq->virq);
    }
}
