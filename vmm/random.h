/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bits for the guest, from the kernel (MICROKIT_HAS_RANDOM). By the contract alone there are
 * none: memory that no other guest has is zeroed or the last guest's, and no device is the VMM's.
 */
#ifndef SLUICE_VMM_RANDOM_H
#define SLUICE_VMM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#define RANDOM_WORDS 4 /* of 64 bits */

/* False: there are none on this machine, or with this SDK, and `number` is left as it is. */
bool random_draw(uint64_t number[RANDOM_WORDS]);

/* What is left of a draw: a word at a time. Each is given once, and forgotten. Zero: empty. */
struct random_pool {
    uint64_t words[RANDOM_WORDS];
    unsigned int count; /* the last ones */
};

/* There are so many words now, RANDOM_WORDS at most, if need be by a new draw. False: as
 * random_draw(). */
bool random_fill(struct random_pool *pool, unsigned int words);
/* One of them. */
uint64_t random_take(struct random_pool *pool);

#endif
