/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which protection domain a physical interrupt belongs to. From acknowledgement until its PD acks
 * it, the interrupt stays active at the GIC: it is silent, and an edge that arrives meanwhile is
 * remembered there.
 */
#ifndef SLUICE_KERNEL_IRQ_ROUTE_H
#define SLUICE_KERNEL_IRQ_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"

struct irq {
    const struct image_irq *desc;
    bool active;
};

/* At boot: whose interrupts they are. */
void route_init(const struct image_irq *irqs, unsigned int count);
/* On each core: enables those of its PDs. */
void route_enable(unsigned int cpu);

/* NULL: no PD's. */
struct irq *route_lookup(uint32_t intid);
/* `index` as in the image's IRQ table. */
struct irq *route_irq(unsigned int index);
/* Lets it fire again; does nothing unless it is active. */
void route_ack(struct irq *irq);

#endif
