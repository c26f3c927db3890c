/* SPDX-License-Identifier: BSD-2-Clause */
/* Uses the core without end; the one called "tenth" lets the server do so for it. */
#include "tests/target/budget/shares.h"

volatile seL4_Word *shares = (seL4_Word *)1;

void init(void)
{
    for (;;) {
        if (microkit_name[0] == 't') {
            microkit_ppcall(0, microkit_msginfo_new(0, 0));
        } else {
            shares_spin(milliseconds(1));
        }
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
