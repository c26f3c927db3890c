/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See cache.h. The only file of the VMM with instructions in it. Lines are invalidated, too: a
 * guest that writes with its caches off would otherwise find old data when it turns them on.
 */
#include "vmm/load/cache.h"

#define CTR_ILINE(ctr) (4UL << ((ctr)&0xf))
#define CTR_DLINE(ctr) (4UL << ((ctr) >> 16 & 0xf))

/* `operation` on each line of [start, end), 32 a round: images are large. */
#define ON_LINES(operation, start, end, size)                                           \
    do {                                                                                \
        uintptr_t line_ = (start) & ~((size)-1);                                        \
                                                                                        \
        while (line_ < (end) && (end)-line_ >= 32 * (size)) {                           \
            __asm__ volatile(".rept 32\n\t" operation ", %0\n\tadd %0, %0, %1\n\t.endr" \
                             : "+r"(line_)                                              \
                             : "r"(size)                                                \
                             : "memory");                                               \
        }                                                                               \
        for (; line_ < (end); line_ += (size)) {                                        \
            __asm__ volatile(operation ", %0" : : "r"(line_) : "memory");               \
        }                                                                               \
    } while (0)

void cache_clean(const void *start, uint64_t size)
{
    uintptr_t begin = (uintptr_t)start;
    uint64_t ctr;

    __asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
    ON_LINES("dc civac", begin, begin + size, CTR_DLINE(ctr));
    __asm__ volatile("dsb ish" : : : "memory"); /* data is in memory before who reads it starts */
}

void cache_publish(const void *start, uint64_t size)
{
    uintptr_t begin = (uintptr_t)start;
    uintptr_t end = begin + size;
    uint64_t ctr;

    cache_clean(start, size); /* data is in memory before instructions go */
    __asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
    ON_LINES("ic ivau", begin, end, CTR_ILINE(ctr));
    __asm__ volatile("dsb ish\n\tisb" : : : "memory"); /* done before the guest is started */
}
