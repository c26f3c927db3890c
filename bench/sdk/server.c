/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers every call with as many words as came. */
#include "bench/sdk/bench.h"

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    return msginfo;
}
