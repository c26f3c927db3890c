/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of the guest by SMC or HVC, in the SMC calling convention (ARM DEN 0028): a table of
 * functions, PSCI's and the random number generator's among them.
 */
#ifndef SLUICE_VMM_EXIT_SMCCC_H
#define SLUICE_VMM_EXIT_SMCCC_H

#include "vmm/exit/exit.h"

#define SMCCC_NOT_SUPPORTED (-1L)

#define SMCCC_VERSION         0x80000000u
#define SMCCC_FUNCTION_64_BIT 0x40000000u

struct smccc_call {
    uint64_t x[4];    /* in: function and arguments; out: results */
    bool has_results; /* out: in x[1]..x[3], too, and not in x[0] alone */
    bool sleeps;      /* out: once it has its answer, the caller sleeps as by a WFI */
};

struct smccc_function {
    uint32_t id; /* of the 32-bit form, where there are two */
    bool has_64_bit_form;
    /* Arguments of a 32-bit call have no bits above. Fills in call->x, which is all zero but for
     * the arguments; EXIT_STAY: the caller gets no answer. */
    enum exit_result (*handle)(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call);
};

/* Does what call->x asks. Unknown functions are answered with NOT_SUPPORTED. */
enum exit_result smccc_handle(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call);

/* Whether some function has this identifier, in this form. */
bool smccc_has(uint32_t id);

/* psci.c */
extern const struct smccc_function psci_functions[];
extern const unsigned int psci_function_count;

/* trng.c */
extern const struct smccc_function trng_functions[];
extern const unsigned int trng_function_count;

#endif
