/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory at the load address is a region like others, and the system that runs elsewhere, too.
 */
#include "tests/target/lib/check.h"

#define HELPER 1
#define SIZE   0x200000UL
#define SIGN   0x5117ceUL

volatile seL4_Word *taken = (volatile seL4_Word *)1;
const char *filled = (const char *)1;

void init(void)
{
    seL4_Word used = 0;

    for (seL4_Word i = 0; i < SIZE / sizeof(*taken); i++) {
        used += taken[i] != 0;
    }
    check_equal("load_address_is_zeroed", used, 0);
    check("contents_are_there", filled[0] == 'T' && filled[1] == 'h' && filled[50] == '.');
    taken[0] = SIGN;
    microkit_notify(HELPER);
}

void notified(microkit_channel ch)
{
    check_equal("it_is_the_helper", ch, HELPER);
    check_equal("another_core_shares_it", taken[SIZE / sizeof(*taken) - 1], SIGN + 1);
    check_done();
}
