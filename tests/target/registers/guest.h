/* SPDX-License-Identifier: BSD-2-Clause */
/* What both VMMs do with their guest. */
#ifndef SLUICE_TESTS_TARGET_REGISTERS_GUEST_H
#define SLUICE_TESTS_TARGET_REGISTERS_GUEST_H

#include <microkit.h>

#include "tests/target/registers/layout.h"

#define VCPU 1
#define TCB  (BASE_VM_TCB_CAP + VCPU)
#define PEER 2

static inline volatile seL4_Word *values(volatile seL4_Word *ram, unsigned int pass)
{
    return &ram[(VALUES + pass * VALUES_SIZE) / 8];
}

/* Reads all registers, from the beginning; ends with an HVC. */
static inline void guest_reads(volatile seL4_Word *ram, unsigned int pass)
{
    ram[TARGET / 8] = VALUES + pass * VALUES_SIZE;
    microkit_vcpu_restart(VCPU, RAM + ENTRY_READ);
}

/* True: it was an HVC. Otherwise what trapped is undefined, and passed over. */
static inline bool guest_is_done(seL4_Word label)
{
    seL4_UserContext context;

    if (label == seL4_Fault_UnknownSyscall) {
        return true;
    }
    (void)seL4_TCB_ReadRegisters(TCB, false, 0, 36, &context);
    context.pc += 4;
    context.x27 = 1;
    (void)seL4_TCB_WriteRegisters(TCB, false, 0, 36, &context);
    return false;
}

#endif
