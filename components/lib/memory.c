/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy() in place of the C library's, which is made small and takes five instructions for each
 * byte: what these programs do is copying. For normal memory, where unaligned accesses are as good
 * as others.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t word __attribute__((aligned(1), may_alias));

#define UNALIGNED \
    __attribute__((target("no-strict-align"), optimize("no-tree-loop-distribute-patterns")))

UNALIGNED void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    uint8_t *out = to;
    const uint8_t *in = from;

    if (count < sizeof(word)) {
        for (size_t i = 0; i < count; i++) {
            out[i] = in[i];
        }
        return to;
    }
    for (size_t i = 0; i + sizeof(word) <= count; i += sizeof(word)) {
        *(word *)(out + i) = *(const word *)(in + i);
    }
    /* The rest, with some bytes once more. */
    *(word *)(out + count - sizeof(word)) = *(const word *)(in + count - sizeof(word));
    return to;
}
