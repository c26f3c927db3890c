/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cleaning and invalidating the whole data cache hierarchy by set and way (Arm ARM D7.5.10), for
 * the one moment when that is right: one core runs, with its MMU off.
 */
#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"

static void clean_level(unsigned int level)
{
    uint64_t ccsidr;
    unsigned int line_shift;
    unsigned int ways;
    unsigned int sets;
    unsigned int way_shift;

    sysreg_write(csselr_el1, (uint64_t)level << 1);
    isb();
    ccsidr = sysreg_read(ccsidr_el1);
    line_shift = (unsigned int)(ccsidr & 7) + 4;
    ways = (unsigned int)(ccsidr >> 3 & 0x3ff);
    sets = (unsigned int)(ccsidr >> 13 & 0x7fff);
    way_shift = ways == 0 ? 0 : (unsigned int)__builtin_clz(ways);
    for (unsigned int way = 0; way <= ways; way++) {
        for (unsigned int set = 0; set <= sets; set++) {
            uint64_t operand =
                (uint64_t)way << way_shift | (uint64_t)set << line_shift | (uint64_t)level << 1;

            __asm__ volatile("dc cisw, %0" : : "r"(operand) : "memory");
        }
    }
}

void arch_cache_clean_all(void)
{
    uint64_t clidr = sysreg_read(clidr_el1);
    unsigned int coherency = (unsigned int)(clidr >> 24 & 7);

    dsb_sy();
    for (unsigned int level = 0; level < coherency; level++) {
        if ((clidr >> (level * 3) & 7) >= 2) { /* a data or unified cache */
            clean_level(level);
        }
    }
    dsb_sy();
    isb();
}
