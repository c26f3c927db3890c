/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls with an immediate are not of the calling convention: undefined, and nothing is done. */
#include "tests/system/bare/bare.h"

#define EC_UNKNOWN 0U

static uint64_t syndrome;

/* An exception that this file causes, at its instruction: the guest goes on behind that. */
bool calls_exception(void)
{
    if (syndrome != ~0UL) {
        return false;
    }
    __asm__ volatile("mrs %0, esr_el1" : "=r"(syndrome));
    __asm__ volatile("mrs x9, elr_el1; add x9, x9, #4; msr elr_el1, x9" : : : "x9");
    return true;
}

static void check_undefined(const char *name, uint64_t x0)
{
    check("calls", name, 0, syndrome >> 26, EC_UNKNOWN);
    check("calls", "asks for nothing", 0, x0, PSCI_SYSTEM_OFF);
}

void calls_all(void)
{
    register uint64_t x0 __asm__("x0");

    check("calls", "by hvc", 0, hvc(PSCI_VERSION, 0, 0, 0), smc(PSCI_VERSION, 0, 0, 0));
    syndrome = ~0UL;
    x0 = PSCI_SYSTEM_OFF;
    __asm__ volatile("hvc #1" : "+r"(x0) : : "memory");
    check_undefined("hvc with an immediate", x0);
    syndrome = ~0UL;
    x0 = PSCI_SYSTEM_OFF;
    __asm__ volatile("smc #1" : "+r"(x0) : : "memory");
    check_undefined("smc with an immediate", x0);
    syndrome = 0;
}
