/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch32 code at EL0 that loads from and stores to an emulated device: the distributor. */
#include "tests/system/bare/bare.h"

#define USER_A32 0x1d0UL
#define USER_T32 0x1f0UL
#define EC_SVC32 0x11U

extern const uint32_t aarch32_a32[];
extern const uint32_t aarch32_t32[];

uint64_t aarch32_run(uint64_t *registers, uint64_t code, uint64_t pstate);

static bool has_aarch32(void)
{
    uint64_t features;

    __asm__("mrs %0, id_aa64pfr0_el1" : "=r"(features));
    return (features & 0xf) == 2;
}

void aarch32_all(void)
{
    static uint64_t registers[15];
    uint64_t syndrome;

    check("aarch32", "at EL0", 0, has_aarch32(), 1);
    if (!has_aarch32()) {
        return;
    }
    registers[1] = GICD;
    registers[3] = 0xa8;
    syndrome = aarch32_run(registers, (uint64_t)aarch32_a32, USER_A32);
    check("aarch32", "comes to its end", 32, syndrome >> 26, EC_SVC32);
    check("aarch32", "loads", 0, registers[0], read32(GICD + GICD_TYPER));
    check("aarch32", "loads a byte", 4, registers[4], 0xa8);
    check("aarch32", "loads r14", 14, registers[14], read32(GICD + GICD_IIDR));
    syndrome = aarch32_run(registers, (uint64_t)aarch32_t32, USER_T32);
    check("aarch32", "comes to its end", 16, syndrome >> 26, EC_SVC32);
    check("aarch32", "loads in an IT block", 5, registers[5], read32(GICD + GICD_TYPER));
    check("aarch32", "behind a load in an IT block", 6, registers[6], 0);
    check("aarch32", "behind a store in an IT block", 7, registers[7], 0);
}
