/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual interrupts of one virtual machine: what is pending, what the guest enabled, and what
 * is in which list register. Registers of the distributor are in gicd.c; the guest's CPU interface
 * is hardware (GICV), which the VMM never sees.
 *
 * An interrupt is pending because it was raised, which is remembered until the guest takes it, or
 * because its level is up. It then goes
 *
 *     pending --(enabled, distributor on)--> queued --(list register free)--> in flight --(EOI)-->
 *
 * and at its end the source is told, unless it is pending again: then it goes round once more. What
 * is pending and disabled stays so, and its source is not told, so nothing is lost.
 *
 * What changes at the distributor while an interrupt is in flight takes it back first, if the guest
 * has not taken it, and so does a level that falls: an extension (lists.h). The contract tells
 * neither when the guest takes an interrupt (pending to active) nor lets a list register be read or
 * cleared. So there an interrupt in flight counts as active; it can be disabled or cleared for the
 * next time only.
 */
#ifndef SLUICE_VMM_IRQ_VGIC_H
#define SLUICE_VMM_IRQ_VGIC_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/irq/lists.h"
#include "vmm/vm_config.h"

#define VGIC_MAX_CPUS      VM_CONFIG_MAX_VCPUS
#define VGIC_SGI_COUNT     16
#define VGIC_PRIVATE_COUNT 32   /* SGIs and PPIs: one of each per CPU */
#define VGIC_INTID_COUNT   1019 /* the kernel has 1019 for itself, and refuses to inject it */

/* GICD_CTLR: groups that the distributor forwards */
#define VGIC_ENABLE_GROUP0 0x1u
#define VGIC_ENABLE_GROUP1 0x2u

/* Of IPRIORITYR, the bits that list registers hold. */
#define VGIC_PRIORITY_MASK  0xf8u
#define VGIC_PRIORITY_SHIFT 3

struct virq;

/* The guest ended the interrupt, or cleared its pending state: the source may raise it again. */
typedef void (*virq_ended_t)(void *context, struct virq *virq);
/* The guest changed who gets the interrupt, or whether and how: `is_forwarded`, priority, group,
 * cpu. */
typedef void (*virq_changed_t)(void *context, const struct virq *virq, bool is_forwarded);

struct virq {
    uint16_t intid;
    uint8_t cpu;      /* whose it is (SGI, PPI), or whose list registers it goes to (SPI) */
    uint8_t priority; /* as in IPRIORITYR */
    uint8_t targets;  /* as in ITARGETSR; SPIs of several CPUs only */
    uint64_t route;   /* as in a GICv3's IROUTER, which sets `targets` */
    uint8_t sources;  /* SGI: pending from these CPUs */
    uint8_t source;   /* SGI in flight: from this one */
    uint8_t group;    /* 0 or 1 */
    bool enabled;
    bool pending; /* raised, and not taken */
    bool is_up;   /* its level, which makes it pending unless it is an edge */
    bool edge;    /* as in ICFGR */
    bool active;  /* by ISACTIVER, and in no list register */
    bool queued;
    bool in_flight;   /* in a list register … */
    uint8_t list;     /* … this one … */
    bool was_pending; /* … when it had been raised, not by its level alone */
    struct virq *next;
    virq_ended_t ended;     /* or NULL */
    virq_changed_t changed; /* or NULL */
    bool was_forwarded;     /* what `changed` was told last */
    void *context;
};

struct vgic_cpu {
    uint32_t id;    /* of <vcpu> */
    uint64_t mpidr; /* affinity fields */
    bool is_asleep; /* as a GICv3's WAKER has it */
    struct virq private_irqs[VGIC_PRIVATE_COUNT];
    struct virq *lists[LISTS_MAX]; /* in flight; NULL: the list register is free */
    struct virq *queue;            /* by priority, then by number */
    unsigned int in_flight_count;
};

struct vgic {
    bool is_v3; /* a GICv3; set after vgic_init() */
    unsigned int cpu_count;
    unsigned int list_count;  /* of each CPU */
    unsigned int intid_count; /* a multiple of 32, at most VGIC_INTID_COUNT */
    uint32_t control;         /* VGIC_ENABLE_* */
    struct vgic_cpu cpus[VGIC_MAX_CPUS];
    struct virq spis[VGIC_INTID_COUNT - VGIC_PRIVATE_COUNT];
};

/* For `cpu_count` vCPUs and interrupts up to `max_intid`. Once, before anything else. */
void vgic_init(struct vgic *vgic, const struct vm_config_vcpu *vcpus, unsigned int cpu_count,
               unsigned int max_intid);
/* As after vgic_init(), but for the sources. The vCPUs are stopped and have nothing in flight:
 * see drain.h. */
void vgic_reset(struct vgic *vgic);

/* NULL: there is no such interrupt. `cpu` matters for SGIs and PPIs. */
struct virq *vgic_find(struct vgic *vgic, unsigned int cpu, unsigned int intid);
/* Says whom to tell when the interrupt ended. */
void vgic_set_source(struct virq *virq, virq_ended_t ended, void *context);
/* Its source injects it past this vgic: it is told what the guest makes of it, and once now. What
 * the guest itself makes pending still comes from here. */
void vgic_set_direct(struct vgic *vgic, struct virq *virq, virq_changed_t changed, void *context);

/* The interrupt is pending; it goes to the guest as soon as it may. */
void vgic_raise(struct vgic *vgic, struct virq *virq);
/* Its level: pending while it is up. */
void vgic_set_level(struct vgic *vgic, struct virq *virq, bool is_up);
/* vgic_raise() for an SGI, from each CPU of `sources`; in a GICv3 the sender is not known. */
#define VGIC_NO_SENDER 1
void vgic_raise_sgi(struct vgic *vgic, struct virq *virq, uint8_t sources);
/* The guest ended what list register `index` held. False: it held nothing. */
bool vgic_end(struct vgic *vgic, unsigned int cpu, unsigned int index);
/* Something is in a list register or could be: WFI does not wait. */
bool vgic_has_pending(struct vgic *vgic, unsigned int cpu);

/* What the distributor's registers show, and what they do. */
bool vgic_is_pending(const struct vgic *vgic, const struct virq *virq);
bool vgic_is_active(const struct vgic *vgic, const struct virq *virq);
uint8_t vgic_sgi_sources(const struct vgic *vgic, const struct virq *virq);
void vgic_set_active(struct vgic *vgic, struct virq *virq, bool active);
void vgic_set_trigger(struct vgic *vgic, struct virq *virq, bool edge);
void vgic_set_control(struct vgic *vgic, uint32_t control);
void vgic_set_enabled(struct vgic *vgic, struct virq *virq, bool enabled);
void vgic_clear_pending(struct vgic *vgic, struct virq *virq);
void vgic_clear_sgi(struct vgic *vgic, struct virq *virq, uint8_t sources);
void vgic_set_priority(struct vgic *vgic, struct virq *virq, uint8_t priority);
void vgic_set_group(struct vgic *vgic, struct virq *virq, uint8_t group);
void vgic_set_targets(struct vgic *vgic, struct virq *virq, uint8_t targets);

#endif
