/* SPDX-License-Identifier: BSD-2-Clause */
/* Lets the others compete for a second, then reads their shares of the core, in percent. */
#include "tests/target/budget/shares.h"

#define TIMER 1

volatile seL4_Word *shares = (seL4_Word *)1;

static seL4_Word share(char letter)
{
    return shares[letter - 'a'];
}

void init(void)
{
    timer_start(milliseconds(1000));
}

void notified(microkit_channel ch)
{
    seL4_Word total = share('f') + share('s') + share('l') + share('r') + share('n');
    seL4_Word rest = share('l') + share('r');

    (void)ch;
    timer_stop();
    check("somebody_ran", total > milliseconds(100));
    check_range("fifth_of_the_core", share('f') * 100 / total, 15, 25);
    check_range("tenth_of_the_core_by_the_server", share('s') * 100 / total, 6, 14);
    check_range("round_robin", share('l') * 100 / rest, 40, 60);
    check_equal("lower_priority_gets_nothing", share('n'), 0);
    check_done();
}
