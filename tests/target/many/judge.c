/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals each of 62 programs, and is called by each. */
#include "tests/target/lib/check.h"

#define PEERS 62

static seL4_Word called;

void init(void)
{
    for (microkit_channel ch = 0; ch < PEERS; ch++) {
        microkit_notify(ch);
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo info)
{
    expect_equal("peer_calls_by_its_channel", microkit_mr_get(0), PEERS - 1 - ch);
    expect_equal("message_is_one_word", microkit_msginfo_get_count(info), 1);
    called |= 1UL << ch;
    if (called == (1UL << PEERS) - 1) {
        check("all_were_signalled_and_have_called", true);
        check_done();
    }
    return microkit_msginfo_new(0, 0);
}

void notified(microkit_channel ch)
{
    (void)ch;
    check("nobody_signals_the_judge", false);
}
