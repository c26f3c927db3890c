/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that the guest takes at EL1, as if the hardware had taken them (Arm ARM, D1.3): its
 * exception registers are set and it goes on at its vector. Called with the vCPU waiting in a
 * fault, pc at the instruction that caused it.
 *
 * A guest whose vectors cannot be executed gets an abort there, and so loops in itself.
 */
#ifndef SLUICE_VMM_GUEST_EXCEPTION_H
#define SLUICE_VMM_GUEST_EXCEPTION_H

#include <stdbool.h>

#include "vmm/guest/vcpu.h"

/* External abort of a data access, or of an instruction fetch. The address is not known. */
void exception_inject_data_abort(const struct vcpu *vcpu, bool is_write);
void exception_inject_instruction_abort(const struct vcpu *vcpu);
/* The instruction is undefined. */
void exception_inject_undefined(const struct vcpu *vcpu);

#endif
