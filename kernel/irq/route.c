/* SPDX-License-Identifier: BSD-2-Clause */
/* See route.h. Owns the interrupts of programs; each is touched by its PD's core. */
#include "kernel/irq/route.h"

#include <stddef.h>

#include "abi/limits.h"
#include "kernel/dev/gic.h"
#include "kernel/pd/pd.h"

static struct irq irqs[ABI_MAX_INTID];
static unsigned int irq_count;
static struct irq *by_intid[ABI_MAX_INTID];

void route_init(const struct image_irq *descs, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        irqs[i] = (struct irq){.desc = &descs[i]};
        list_init(&irqs[i].binding.virq.link);
        by_intid[descs[i].intid] = &irqs[i];
        if (descs[i].intid == GIC_PHYSICAL_TIMER) {
            pds[descs[i].pd].thread.owns_timer = true;
        }
    }
    irq_count = count;
}

void route_enable(unsigned int cpu)
{
    for (unsigned int i = 0; i < irq_count; i++) {
        if (pds[irqs[i].desc->pd].thread.cpu == cpu) {
            gic->enable(irqs[i].desc->intid, irqs[i].desc->edge != 0);
        }
    }
}

struct irq *route_lookup(uint32_t intid)
{
    return intid < ABI_MAX_INTID ? by_intid[intid] : NULL;
}

struct irq *route_irq(unsigned int index)
{
    return &irqs[index];
}

void route_ack(struct irq *irq)
{
    if (irq->active) {
        irq->active = false;
        gic->deactivate(irq->desc->intid);
    }
}
