/* SPDX-License-Identifier: BSD-2-Clause */
/* See random.h. */
#include "vmm/random.h"

#include <microkit.h>

#if defined(MICROKIT_HAS_RANDOM) && !defined(VMM_CONTRACT_ONLY)

bool random_draw(uint64_t number[RANDOM_WORDS])
{
    return microkit_random(number);
}

#else

bool random_draw(uint64_t number[RANDOM_WORDS])
{
    (void)number;
    return false;
}

#endif

bool random_fill(struct random_pool *pool, unsigned int words)
{
    if (pool->count >= words) {
        return true;
    }
    pool->count = random_draw(pool->words) ? RANDOM_WORDS : 0;
    return pool->count != 0;
}

uint64_t random_take(struct random_pool *pool)
{
    uint64_t *word = &pool->words[RANDOM_WORDS - pool->count--];
    uint64_t value = *word;

    *word = 0;
    return value;
}
