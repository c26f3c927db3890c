/* SPDX-License-Identifier: BSD-2-Clause */
/* See firmware.h. PSCI is DEN0022, the calling convention DEN0028. */
#include "kernel/trap/firmware.h"

#include <stddef.h>

#include "kernel/arch/arch.h"

#define PSCI_DENIED ((uint64_t)-3)

#define FUNCTION_SMC64    (1UL << 30) /* a call's 64-bit twin */
#define FUNCTION_SVE_HINT (1UL << 16) /* SMCCC 1.3: not part of the number */

#define PSCI_CPU_SUSPEND         0x84000001UL
#define PSCI_CPU_OFF             0x84000002UL
#define PSCI_CPU_ON              0x84000003UL
#define PSCI_CPU_FREEZE          0x8400000bUL
#define PSCI_CPU_DEFAULT_SUSPEND 0x8400000cUL
#define PSCI_SYSTEM_SUSPEND      0x8400000eUL

static const uint64_t refused[] = {
    PSCI_CPU_SUSPEND,         PSCI_CPU_OFF,        PSCI_CPU_ON, PSCI_CPU_FREEZE,
    PSCI_CPU_DEFAULT_SUSPEND, PSCI_SYSTEM_SUSPEND,
};

bool firmware_allows(uint64_t function)
{
    uint64_t number = function & 0xffffffffUL & ~(FUNCTION_SMC64 | FUNCTION_SVE_HINT);

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (number == refused[i]) {
            return false;
        }
    }
    return true;
}

void firmware_call(uint64_t *words)
{
    uint64_t registers[8];

    for (unsigned int i = 0; i < 8; i++) {
        registers[i] = words[i]; /* once: nobody changes what was checked */
    }
    if (firmware_allows(registers[0])) {
        arch_smc(registers);
    } else {
        registers[0] = PSCI_DENIED;
    }
    for (unsigned int i = 0; i < 8; i++) {
        words[i] = registers[i];
    }
}
