/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI 1.1 (ARM DEN 0022D, chapter 5), as a table of functions. */
#include <stddef.h>

#include "vmm/exit/smccc.h"

#define PSCI_VERSION_1_1 0x10001UL

#define PSCI_SUCCESS            0L
#define PSCI_NOT_SUPPORTED      SMCCC_NOT_SUPPORTED
#define PSCI_INVALID_PARAMETERS (-2L)
#define PSCI_ALREADY_ON         (-4L)
#define PSCI_INVALID_ADDRESS    (-9L)

/* Argument of CPU_SUSPEND, in the original format (5.4.2) */
#define POWER_STATE_IS_DOWN  0x10000u
#define POWER_STATE_RESERVED 0xfcfe0000u

#define AFFINITY_ON  0
#define AFFINITY_OFF 1

#define MIGRATION_NOT_REQUIRED 2 /* there is no trusted OS */

#define RESET2_WARM 0

#define INSTRUCTION_ALIGNMENT 4

static enum exit_result answer(struct smccc_call *call, long value)
{
    call->x[0] = (uint64_t)value;
    return EXIT_RESUME;
}

static enum exit_result version(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    (void)vm;
    (void)vcpu;
    return answer(call, PSCI_VERSION_1_1);
}

/* Only functions of PSCI, and whether there is an SMCCC_VERSION (5.16). None has feature bits. */
static enum exit_result features(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    uint32_t id = (uint32_t)call->x[1];
    bool is_psci = (id & ~SMCCC_FUNCTION_64_BIT & 0xffffffe0u) == 0x84000000u;

    (void)vm;
    (void)vcpu;
    if ((is_psci || id == SMCCC_VERSION) && smccc_has(id)) {
        return answer(call, PSCI_SUCCESS);
    }
    return answer(call, PSCI_NOT_SUPPORTED);
}

static struct vcpu *find_vcpu(struct vm *vm, uint64_t mpidr)
{
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        if (vm->vcpus[i].mpidr == mpidr) {
            return &vm->vcpus[i];
        }
    }
    return NULL;
}

/* Any state is standby, of which the caller comes back behind the call, as from a WFI; a power-down
 * may be no more than that (5.4.2). */
static enum exit_result cpu_suspend(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    (void)vm;
    (void)vcpu;
    if ((call->x[1] & POWER_STATE_RESERVED) != 0) {
        return answer(call, PSCI_INVALID_PARAMETERS);
    }
    if ((call->x[1] & POWER_STATE_IS_DOWN) != 0 && call->x[2] % INSTRUCTION_ALIGNMENT != 0) {
        return answer(call, PSCI_INVALID_ADDRESS);
    }
    call->sleeps = true;
    return answer(call, PSCI_SUCCESS);
}

/* The last CPU, too, may go: then nothing runs any more until the machine is reset. */
static enum exit_result cpu_off(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    (void)vm;
    (void)call;
    vcpu_stop(vcpu);
    return EXIT_STAY;
}

static enum exit_result cpu_on(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    struct vcpu *target = find_vcpu(vm, call->x[1]);

    (void)vcpu;
    if (target == NULL) {
        return answer(call, PSCI_INVALID_PARAMETERS);
    }
    if (target->state != VCPU_OFF) {
        return answer(call, PSCI_ALREADY_ON);
    }
    if (call->x[2] % INSTRUCTION_ALIGNMENT != 0) {
        return answer(call, PSCI_INVALID_PARAMETERS);
    }
    vcpu_start(target, call->x[2], call->x[3]);
    return answer(call, PSCI_SUCCESS);
}

/* Affinity levels above 0 need not be supported (5.7): a level is a single CPU here. */
static enum exit_result affinity_info(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    const struct vcpu *target = find_vcpu(vm, call->x[1]);

    (void)vcpu;
    if (target == NULL || call->x[2] != 0) {
        return answer(call, PSCI_INVALID_PARAMETERS);
    }
    return answer(call, target->state == VCPU_OFF ? AFFINITY_OFF : AFFINITY_ON);
}

static enum exit_result migrate_info_type(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    (void)vm;
    (void)vcpu;
    return answer(call, MIGRATION_NOT_REQUIRED);
}

static enum exit_result system_off(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    (void)vcpu;
    (void)call;
    vm_power_off(vm);
    return EXIT_STAY;
}

static enum exit_result system_reset(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    (void)vcpu;
    (void)call;
    vm_reset(vm);
    return EXIT_STAY;
}

static enum exit_result system_reset2(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    if (call->x[1] != RESET2_WARM) {
        return answer(call, PSCI_INVALID_PARAMETERS);
    }
    return system_reset(vm, vcpu, call);
}

const struct smccc_function psci_functions[] = {
    {0x84000000, false, version},           /* PSCI_VERSION */
    {0x84000001, true, cpu_suspend},        /* CPU_SUSPEND */
    {0x84000002, false, cpu_off},           /* CPU_OFF */
    {0x84000003, true, cpu_on},             /* CPU_ON */
    {0x84000004, true, affinity_info},      /* AFFINITY_INFO */
    {0x84000006, false, migrate_info_type}, /* MIGRATE_INFO_TYPE */
    {0x84000008, false, system_off},        /* SYSTEM_OFF */
    {0x84000009, false, system_reset},      /* SYSTEM_RESET */
    {0x8400000a, false, features},          /* PSCI_FEATURES */
    {0x84000012, true, system_reset2},      /* SYSTEM_RESET2 */
};

const unsigned int psci_function_count = sizeof(psci_functions) / sizeof(psci_functions[0]);
