/* SPDX-License-Identifier: BSD-2-Clause */
/* See smccc.h. */
#include "vmm/exit/smccc.h"

#include <stddef.h>

#define SMCCC_VERSION_1_1   0x10001UL
#define SMCCC_ARCH_FEATURES 0x80000001u
#define FUNCTION_MASK       0xffffffffUL
#define ARGUMENT_32_MASK    0xffffffffUL

static enum exit_result version(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    (void)vm;
    (void)vcpu;
    call->x[0] = SMCCC_VERSION_1_1;
    return EXIT_RESUME;
}

/* None of the workarounds for CPU bugs is offered. */
static enum exit_result features(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    uint32_t id = (uint32_t)call->x[1];

    (void)vm;
    (void)vcpu;
    call->x[0] =
        id == SMCCC_VERSION || id == SMCCC_ARCH_FEATURES ? 0 : (uint64_t)SMCCC_NOT_SUPPORTED;
    return EXIT_RESUME;
}

static const struct smccc_function arch_functions[] = {
    {SMCCC_VERSION, false, version},
    {SMCCC_ARCH_FEATURES, false, features},
};

static const struct smccc_function *find_in(const struct smccc_function *functions,
                                            unsigned int count, uint32_t id)
{
    for (unsigned int i = 0; i < count; i++) {
        if (functions[i].id == id ||
            (functions[i].has_64_bit_form && (functions[i].id | SMCCC_FUNCTION_64_BIT) == id)) {
            return &functions[i];
        }
    }
    return NULL;
}

static const struct smccc_function *find(uint32_t id)
{
    const struct smccc_function *function =
        find_in(arch_functions, sizeof(arch_functions) / sizeof(arch_functions[0]), id);

    function = function != NULL ? function : find_in(psci_functions, psci_function_count, id);
    return function != NULL ? function : find_in(trng_functions, trng_function_count, id);
}

bool smccc_has(uint32_t id)
{
    return find(id) != NULL;
}

enum exit_result smccc_handle(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    uint32_t id = (uint32_t)(call->x[0] & FUNCTION_MASK);
    const struct smccc_function *function = find(id);

    if (function == NULL) {
        call->x[0] = (uint64_t)SMCCC_NOT_SUPPORTED;
        return EXIT_RESUME;
    }
    for (unsigned int i = 1; i < 4 && (id & SMCCC_FUNCTION_64_BIT) == 0; i++) {
        call->x[i] &= ARGUMENT_32_MASK;
    }
    return function->handle(vm, vcpu, call);
}
