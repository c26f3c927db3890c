/* SPDX-License-Identifier: BSD-2-Clause */
/* Adds one to what it is sent, and uses FP registers on the way, wherever it runs. */
#include "tests/target/smp/record.h"

struct record *record;

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}

/* The number goes through a vector register that the kernel has to keep across cores. */
static seL4_Word through_fp(seL4_Word value)
{
    seL4_Word result;

    __asm__ volatile(".arch_extension fp\n\tfmov d20, %1\n\tyield\n\tfmov %0, d20"
                     : "=r"(result)
                     : "r"(value)
                     : "memory");
    return result;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    seL4_Word value = microkit_mr_get(0);
    unsigned int self = microkit_name[0] == 'p';

    if (microkit_msginfo_get_label(msginfo) != ch) {
        record->wrong_calls[self]++;
    }
    record->served[self]++;
    microkit_mr_set(0, through_fp(value) + 1);
    return microkit_msginfo_new(ch, 1);
}
