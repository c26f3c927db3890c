/* SPDX-License-Identifier: BSD-2-Clause */
/* See firmware.h. PSCI is DEN0022, the calling convention DEN0028. */
#include "kernel/trap/firmware.h"

#include <stddef.h>

#include "kernel/arch/arch.h"
#include "kernel/ipc/report.h"
#include "kernel/lib/log.h"

#define NOT_SUPPORTED ((uint64_t)-1) /* as W0 for SMC32, as X0 for SMC64 */

#define FUNCTION_FAST     (1U << 31)
#define FUNCTION_SVE_HINT (1U << 16) /* SMCCC 1.3, fast calls: not part of the number */

#define SMCCC_VERSION         0x80000000U
#define SMCCC_ARCH_FEATURES   0x80000001U
#define PSCI_VERSION          0x84000000U
#define PSCI_SYSTEM_OFF       0x84000008U
#define PSCI_SYSTEM_RESET     0x84000009U
#define PSCI_FEATURES         0x8400000aU
#define PSCI_SYSTEM_RESET2    0x84000012U
#define PSCI_SYSTEM_RESET2_64 0xc4000012U

/* Each number whole, its 64-bit form by itself: masks would let in what nobody thought of. */
static const uint32_t allowed[] = {
    SMCCC_VERSION,     SMCCC_ARCH_FEATURES, PSCI_VERSION,       PSCI_SYSTEM_OFF,
    PSCI_SYSTEM_RESET, PSCI_FEATURES,       PSCI_SYSTEM_RESET2, PSCI_SYSTEM_RESET2_64,
};

static const struct image_firmware_call *board_calls;
static uint32_t board_call_count;

void firmware_init(const struct image_firmware_call *calls, uint32_t count)
{
    if (count > ABI_MAX_FIRMWARE_CALLS) {
        panic("image: expected up to %u firmware calls, found %u", ABI_MAX_FIRMWARE_CALLS, count);
    }
    board_calls = calls;
    board_call_count = count;
}

static bool is_allowed(uint32_t function)
{
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (function == allowed[i]) {
            return true;
        }
    }
    for (uint32_t i = 0; i < board_call_count; i++) {
        if (function == board_calls[i].function) {
            return true;
        }
    }
    return false;
}

/* Of x0, W0 is the number. A hint is left out, and so the firmware keeps what it need not keep. */
static uint32_t function_of(uint64_t x0)
{
    uint32_t function = (uint32_t)x0;

    return (function & FUNCTION_FAST) != 0 ? function & ~FUNCTION_SVE_HINT : function;
}

/* A question about what is not answered has the same answer. */
static bool asks_for_allowed(uint32_t function, uint64_t x1)
{
    return (function != PSCI_FEATURES && function != SMCCC_ARCH_FEATURES) ||
           is_allowed((uint32_t)x1);
}

static bool does_not_return(uint32_t function)
{
    return function == PSCI_SYSTEM_OFF || function == PSCI_SYSTEM_RESET ||
           function == PSCI_SYSTEM_RESET2 || function == PSCI_SYSTEM_RESET2_64;
}

void firmware_call(uint64_t *words)
{
    uint64_t registers[8];

    for (unsigned int i = 0; i < 8; i++) {
        registers[i] = words[i]; /* once: nobody changes what was checked */
    }
    registers[0] = function_of(registers[0]);
    if (is_allowed((uint32_t)registers[0]) &&
        asks_for_allowed((uint32_t)registers[0], registers[1])) {
        if (does_not_return((uint32_t)registers[0])) {
            report_flush(); /* nobody does so later */
        }
        arch_smc(registers);
    } else {
        registers[0] = NOT_SUPPORTED;
    }
    for (unsigned int i = 0; i < 8; i++) {
        words[i] = registers[i];
    }
}
