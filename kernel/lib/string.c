/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy and memset for the kernel, which is compiled without FP registers. Used for small
 * structs and at boot; bulk zeroing is arch_zero_range's.
 */
#include "kernel/lib/string.h"

#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    unsigned char *target = to;
    const unsigned char *source = from;

    if ((((uintptr_t)target | (uintptr_t)source) & 7) == 0) {
        for (; size >= 8; size -= 8, target += 8, source += 8) {
            *(uint64_t *)(void *)target = *(const uint64_t *)(const void *)source;
        }
    }
    while (size-- > 0) {
        *target++ = *source++;
    }
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    unsigned char *target = to;

    while (size-- > 0) {
        *target++ = (unsigned char)byte;
    }
    return to;
}
