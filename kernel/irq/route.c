/* SPDX-License-Identifier: BSD-2-Clause */
/* See route.h. Owns the interrupts of programs; each is touched by its PD's core. */
#include "kernel/irq/route.h"

#include <stddef.h>

#include "abi/limits.h"
#include "kernel/dev/gic.h"
#include "kernel/pd/pd.h"

#define PLACES (ABI_MAX_INTID + ABI_MAX_LPIS)

static struct irq irqs[PLACES];
static unsigned int irq_count;
static struct irq *by_place[PLACES];
static bool acks_are_due[ABI_MAX_CPUS];

/* Behind the others those of LPIs, whose numbers begin far above. PLACES or more: there is none. */
static inline uint32_t place_of(uint32_t intid)
{
    if (intid < ABI_MAX_INTID) {
        return intid;
    }
    return intid < ABI_FIRST_LPI ? PLACES : intid - ABI_FIRST_LPI + ABI_MAX_INTID;
}

void route_init(const struct image_irq *descs, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        irqs[i] = (struct irq){.desc = &descs[i]};
        list_init(&irqs[i].binding.virq.link);
        by_place[place_of(descs[i].intid)] = &irqs[i];
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
    uint32_t lpi = intid - ABI_FIRST_LPI;

    if (__builtin_expect(intid < ABI_MAX_INTID, 1)) {
        return by_place[intid];
    }
    return lpi < ABI_MAX_LPIS ? by_place[ABI_MAX_INTID + lpi] : NULL;
}

struct irq *route_irq(unsigned int index)
{
    return &irqs[index];
}

/* A core reaches its own PPIs alone, and a passive program that acks one may run on a caller's. */
static bool is_elsewhere(const struct irq *irq)
{
    const struct pd *pd = &pds[irq->desc->pd];

    return irq->desc->intid < GIC_FIRST_SPI && pd->desc->cpu != pd->thread.cpu;
}

void route_ack(struct irq *irq)
{
    if (!irq->active) {
        return;
    }
    irq->active = false;
    if (is_elsewhere(irq)) {
        unsigned int home = pds[irq->desc->pd].desc->cpu;

        irq->ack_is_due = true;
        acks_are_due[home] = true;
        gic->send_ipi(home, GIC_IPI);
    } else {
        gic->deactivate(irq->desc->intid);
    }
}

void route_finish_acks(unsigned int cpu)
{
    if (!acks_are_due[cpu]) {
        return;
    }
    acks_are_due[cpu] = false;
    for (uint32_t intid = 0; intid < GIC_FIRST_SPI; intid++) {
        struct irq *irq = by_place[intid];

        if (irq != NULL && irq->ack_is_due && pds[irq->desc->pd].desc->cpu == cpu) {
            irq->ack_is_due = false;
            gic->deactivate(intid);
        }
    }
}
