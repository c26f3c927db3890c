/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which protection domain a physical interrupt belongs to, or which guest it was bound to by its
 * protection domain. From acknowledgement until its PD acks
 * it, the interrupt stays active at the GIC: it is silent, and an edge that arrives meanwhile is
 * remembered there.
 */
#ifndef SLUICE_KERNEL_IRQ_ROUTE_H
#define SLUICE_KERNEL_IRQ_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"
#include "kernel/lib/list.h"

struct vcpu;

/* A virtual interrupt on its way into a list register. */
struct virq {
    struct list_node link; /* in its vCPU's `waiting` or `parked`, or in no list */
    uint64_t value;        /* what the list register gets */
    uint64_t taken;        /* of one that is parked: what its list register had */
    uint32_t intid;        /* the number that it has in there */
    uint8_t priority;      /* 0 (highest) .. 31 */
    bool is_message;       /* an LPI's: it may come again while the guest has it */
    bool is_parked;        /* active, and in no list register */
    bool is_reported;      /* an SGI's: the kernel is to hear of its end */
};

/* A physical interrupt that goes to a guest directly: the kernel injects it, and the guest's EOI
 * ends it at the GIC. */
struct binding {
    struct virq virq;
    struct vcpu *vcpu; /* whose; NULL: it is a program's */
    struct vcpu *open; /* the same while the guest has it enabled, else NULL */
    bool is_held;      /* it fired while it was disabled: active at the GIC, and nowhere else */
    struct vcpu
        *next; /* whose it is to be when `vcpu` has ended it, at its next message; or NULL */
    struct vcpu *taken_by; /* who had taken it when it went to another vCPU, or NULL: while that
                              one's list register holds it, it is active for it */
};

struct irq {
    const struct image_irq *desc;
    bool active;     /* at the GIC, until its PD acks it */
    bool ack_is_due; /* of a PPI: its PD acked it on another core than its own */
    struct binding binding;
};

/* At boot, with the PDs there: whose interrupts they are, and with its interrupt the EL1 physical
 * timer. */
void route_init(const struct image_irq *irqs, unsigned int count);
/* On each core: enables those of its PDs. */
void route_enable(unsigned int cpu);

/* NULL: no PD's. */
struct irq *route_lookup(uint32_t intid);
/* `index` as in the image's IRQ table. */
struct irq *route_irq(unsigned int index);
static inline bool irq_is_lpi(const struct irq *irq)
{
    return irq->desc->intid >= ABI_FIRST_LPI;
}

/* The number that a guest has it by: an LPI is for it the SPI of its message's number, since what
 * it has is a frame that makes SPIs of messages. */
static inline uint32_t irq_virtual_intid(const struct irq *irq)
{
    return irq_is_lpi(irq) ? irq->desc->intid - ABI_FIRST_LPI : irq->desc->intid;
}

/* Lets it fire again; does nothing unless it is active. */
void route_ack(struct irq *irq);
/* On a core that was interrupted for it: what was acked for it elsewhere. */
void route_finish_acks(unsigned int cpu);

#endif
