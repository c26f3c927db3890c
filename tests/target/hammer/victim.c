/* SPDX-License-Identifier: BSD-2-Clause */
/* Serves the hammer and the judge, and looks whether its memory is as it left it. */
#include <microkit.h>

#define TO_JUDGE   0
#define WORDS      (0x10000 / sizeof(seL4_Word))
#define PATTERN(i) ((i)*0x9e3779b97f4a7c15UL)

volatile seL4_Word *canary = (seL4_Word *)1;

static bool is_whole = true;

void init(void)
{
    for (seL4_Word i = 0; i < WORDS; i++) {
        canary[i] = PATTERN(i);
    }
}

void notified(microkit_channel ch)
{
    for (seL4_Word i = 0; i < WORDS && ch == TO_JUDGE; i++) {
        is_whole = is_whole && canary[i] == PATTERN(i);
    }
    if (ch == TO_JUDGE && is_whole) {
        microkit_notify(TO_JUDGE);
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    is_whole = is_whole && ch == 33;
    return msginfo;
}
