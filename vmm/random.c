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
