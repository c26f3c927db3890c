/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Brings the interrupt state that is in hardware back to where it was before the guest's first
 * start: list registers empty, CPU interface off, no active priority.
 *
 * The contract lets a VMM fill a list register, but not read or clear one, and the CPU interface
 * is the guest's alone. So the vCPUs do it themselves, between one guest and the next: a few
 * instructions in the guest's RAM take every pending interrupt and end it, and end those that the
 * old guest was handling. Which these are is known only when nothing is pending any more, so there
 * can be a second round.
 */
#ifndef SLUICE_VMM_IRQ_DRAIN_H
#define SLUICE_VMM_IRQ_DRAIN_H

#include "vmm/vm.h"

#define DRAIN_MAX_ROUNDS 2

/* What a vCPU finds at the address in its x0. drain_code.S knows the layout. */
struct drain_work {
    uint64_t gicc; /* address of the CPU interface; 0: it has system registers */
    uint32_t active[LISTS_OF_CONTRACT]; /* interrupts to end, DRAIN_NONE behind the last */
};

#define DRAIN_NONE 1023u

/* Position-independent, ends with an SMC. */
extern const uint8_t drain_code[];
extern const uint64_t drain_code_size;

/* Starts the vCPUs, which are stopped, on the first round. What is in the guest's RAM at the
 * kernel's address is overwritten. */
void drain_start(struct vm *vm);
/* A fault of a vCPU on the way. True: answer it. */
bool drain_fault(struct vm *vm, struct vcpu *vcpu, microkit_msginfo info);
/* All vCPUs are through and stopped again. */
bool drain_is_done(const struct vm *vm);

#endif
