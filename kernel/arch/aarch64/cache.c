/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data caches: by set and way (Arm ARM D7.5.10), for the one moment when that is right, when one
 * core runs, with its MMU off; and by address, in the units that the core says it has.
 */
#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"

#define CTR_DMINLINE(ctr) (4UL << ((ctr) >> 16 & 0xf)) /* bytes of the smallest line */
#define DCZID_DZP         (1UL << 4)                   /* no DC ZVA here */
#define DCZID_SIZE(dczid) (4UL << ((dczid)&0xf))

#define CLIDR_COHERENCY(clidr) ((clidr) >> 24 & 7) /* levels to the point of coherency */

#define UNROLLED 64 /* blocks a round */

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
            dc(cisw,
               (uint64_t)way << way_shift | (uint64_t)set << line_shift | (uint64_t)level << 1);
        }
    }
}

void arch_cache_clean_set_way(uint64_t operand)
{
    if ((operand >> 1 & 7) < CLIDR_COHERENCY(sysreg_read(clidr_el1))) {
        dc(cisw, operand);
    }
}

void arch_cache_clean_all(void)
{
    uint64_t clidr = sysreg_read(clidr_el1);
    unsigned int coherency = (unsigned int)CLIDR_COHERENCY(clidr);

    dsb_sy();
    for (unsigned int level = 0; level < coherency; level++) {
        if ((clidr >> (level * 3) & 7) >= 2) { /* a data or unified cache */
            clean_level(level);
        }
    }
    dsb_sy();
    isb();
}

void arch_cache_clean(uint64_t start, uint64_t size)
{
    uint64_t line = CTR_DMINLINE(sysreg_read(ctr_el0));
    uint64_t end = start + size;

    for (uint64_t va = start & ~(line - 1); va < end; va += line) {
        dc(cvac, va);
    }
    dsb_sy(); /* it has reached memory, before anybody is told that it is there */
}

/* Two instructions a block is the least; many a round come close. */
static uint64_t zero_blocks(uint64_t va, uint64_t end, uint64_t block)
{
    while (end - va >= UNROLLED * block) {
        __asm__ volatile(".rept 64\n\t" /* UNROLLED */
                         "dc zva, %0\n\t"
                         "add %0, %0, %1\n\t"
                         ".endr"
                         : "+r"(va)
                         : "r"(block)
                         : "memory");
    }
    for (; end - va >= block; va += block) {
        dc(zva, va);
    }
    return va;
}

static void store_zeroes(uint64_t va, uint64_t end)
{
    for (; va < end; va += sizeof(uint64_t)) {
        *(volatile uint64_t *)va = 0;
    }
}

void arch_zero_lines(uint64_t va, uint64_t end)
{
    uint64_t dczid = sysreg_read(dczid_el0);
    uint64_t block = DCZID_SIZE(dczid);
    uint64_t first = (va + block - 1) & ~(block - 1);

    if ((dczid & DCZID_DZP) == 0 && first < end) {
        store_zeroes(va, first);
        va = zero_blocks(first, end, block);
    }
    store_zeroes(va, end);
}

void arch_zero_and_evict(uint64_t va, uint64_t end)
{
    uint64_t line = CTR_DMINLINE(sysreg_read(ctr_el0));

    arch_zero_lines(va, end);
    for (va &= ~(line - 1); va < end; va += line) {
        dc(civac, va);
    }
}

/* By physical address an instruction cache that is indexed by virtual ones cannot be told what to
 * forget: it forgets all (Arm ARM D7.5.11). */
void arch_cache_maintain(uint64_t paddr, uint64_t size, enum arch_cache operation)
{
    uint64_t line = CTR_DMINLINE(sysreg_read(ctr_el0));
    uint64_t end = paddr + size;

    if (!arch_is_memory(paddr)) {
        return;
    }
    for (paddr &= ~(line - 1); paddr < end; paddr += line) {
        if (operation == ARCH_CACHE_CLEAN) {
            dc(cvac, paddr);
        } else if (operation == ARCH_CACHE_CLEAN_INVALIDATE) {
            dc(civac, paddr);
        } else {
            dc(cvau, paddr);
        }
    }
    dsb_sy(); /* before the program's next access, or its signal to a device */
    if (operation == ARCH_CACHE_UNIFY) {
        ic(ialluis);
        dsb_ish();
        isb();
    }
}
