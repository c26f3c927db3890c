/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits of a vCPU: a fault message comes in, exit_handle() finds who deals with it. `vcpu` waits,
 * pc at the instruction that caused the fault.
 */
#ifndef SLUICE_VMM_EXIT_EXIT_H
#define SLUICE_VMM_EXIT_EXIT_H

#include <microkit.h>

#include "vmm/vm.h"

enum exit_result {
    EXIT_RESUME, /* answer the fault: the vCPU goes on at its pc */
    EXIT_STAY,   /* do not: it waits, is stopped, or was started anew */
};

/* `reply` comes in empty, which is the answer to most faults. */
enum exit_result exit_handle(struct vm *vm, struct vcpu *vcpu, microkit_msginfo info,
                             microkit_msginfo *reply);

/* As a WFI does, once the pc is behind it: until an interrupt is pending. */
enum exit_result exit_sleep(struct vm *vm, struct vcpu *vcpu);

/* mmio.c: an access to what is not mapped for the guest. */
enum exit_result mmio_data_abort(struct vm *vm, struct vcpu *vcpu, uint64_t ipa, uint64_t esr);
enum exit_result mmio_instruction_abort(struct vm *vm, struct vcpu *vcpu, uint64_t ipa);

/* trap.c: a trapped instruction. */
enum exit_result trap_handle(struct vm *vm, struct vcpu *vcpu, uint64_t esr);

/* Number of a vCPU in vm->vcpus. */
static inline unsigned int exit_vcpu_index(const struct vm *vm, const struct vcpu *vcpu)
{
    return (unsigned int)(vcpu - vm->vcpus);
}

#endif
