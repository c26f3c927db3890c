/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See cache.h. The only file of the VMM with instructions in it. Lines are invalidated, too: a
 * guest that writes with its caches off would otherwise find old data when it turns them on.
 */
#include "vmm/load/cache.h"

#define CTR_ILINE(ctr) (4UL << ((ctr)&0xf))
#define CTR_DLINE(ctr) (4UL << ((ctr) >> 16 & 0xf))

void cache_publish(const void *start, uint64_t size)
{
    uintptr_t begin = (uintptr_t)start;
    uintptr_t end = begin + size;
    uint64_t ctr;

    __asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
    for (uintptr_t line = begin & ~(CTR_DLINE(ctr) - 1); line < end; line += CTR_DLINE(ctr)) {
        __asm__ volatile("dc civac, %0" : : "r"(line) : "memory");
    }
    __asm__ volatile("dsb ish" : : : "memory"); /* data is in memory before instructions go */
    for (uintptr_t line = begin & ~(CTR_ILINE(ctr) - 1); line < end; line += CTR_ILINE(ctr)) {
        __asm__ volatile("ic ivau, %0" : : "r"(line) : "memory");
    }
    __asm__ volatile("dsb ish\n\tisb" : : : "memory"); /* done before the guest is started */
}
