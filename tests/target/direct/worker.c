/* SPDX-License-Identifier: BSD-2-Clause */
/* Wants the core all the time, and counts for how long it has it: from one look at the counter to
 * the next, unless somebody else ran in between. */
#include "tests/target/lib/check.h"

#include "tests/target/direct/shares.h"

volatile seL4_Word *shares = (seL4_Word *)1;

void init(void)
{
    seL4_Word last = counter();

    for (;;) {
        seL4_Word now = counter();

        if (now - last < milliseconds(1)) {
            shares[WORKED] += now - last;
        }
        last = now;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
