/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers of a vCPU, as the SDK lets a VMM have them. By the Microkit contract they are
 * filled, and nothing more is known until the guest has ended the interrupt. An extension
 * (MICROKIT_HAS_VCPU_LIST) tells whether the guest has taken it, takes it back if it has not, and
 * gives an SGI the number of the CPU that sent it. Another one (MICROKIT_HAS_VCPU_ACTIVE) has more
 * of them than a guest can have priorities active, and makes inactive what the guest has taken.
 * With a third one (MICROKIT_HAS_VCPU_SGI) the guest's CPUs send each other SGIs past this VMM.
 */
#ifndef SLUICE_VMM_IRQ_LISTS_H
#define SLUICE_VMM_IRQ_LISTS_H

#include <microkit.h>
#include <stdbool.h>
#include <stdint.h>

struct lists_irq {
    uint16_t intid;
    uint8_t priority; /* of five bits */
    uint8_t group;
    uint8_t source; /* SGI: the CPU */
};

struct lists_state {
    bool is_pending;
    bool is_active;
};

#define LISTS_OF_CONTRACT 4
#define LISTS_MAX         40

/* How many list registers a vCPU has, at most LISTS_MAX. */
unsigned int lists_count(void);
/* Pending, in list register `index`. */
void lists_inject(microkit_child vcpu, unsigned int index, const struct lists_irq *irq);
/* True: it is in list register `index` no more, and its end will not be told. False: the guest has
 * taken it, or that is not known. */
bool lists_take_back(microkit_child vcpu, unsigned int index);
/* What is known of an interrupt that is in a list register: without the extension it counts as
 * active. */
struct lists_state lists_in_flight(microkit_child vcpu, uint16_t intid);
/* The same for one that goes to the guest directly, wherever it is: without the extension nothing.
 */
struct lists_state lists_direct(microkit_child vcpu, uint16_t intid);
/* True: the guest had taken it, and it is inactive now, its list register free; its end will not be
 * told. */
bool lists_deactivate(microkit_child vcpu, uint16_t intid);
/* Whether SGIs go directly; if not, the next three do nothing. */
bool lists_have_sgis(void);
/* Once, and after each reset: the vCPU is CPU `number`, of these affinity fields. `sgir`: where a
 * GICv2's GICD_SGIR is, or 0. */
void lists_route_sgis(microkit_child vcpu, unsigned int number, uint64_t mpidr, uint64_t sgir);
/* How the guest has it now; `irq->source` does not matter. */
void lists_bind_sgi(microkit_child vcpu, const struct lists_irq *irq, bool is_forwarded);
/* From these CPUs it is pending no more, from those it is. Returns from which it is then. */
uint8_t lists_change_sgi(microkit_child vcpu, uint16_t intid, uint8_t clear, uint8_t set);
/* Of one that goes to the guest directly: it is pending no more, unless a level is up. */
void lists_clear_direct(microkit_child vcpu, uint16_t intid);

#endif
