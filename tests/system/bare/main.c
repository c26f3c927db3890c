/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest does each time it is started: one way to sleep, of which some are for ever; after
 * the last one all the rest. */
#include "tests/system/bare/bare.h"
#include "tests/system/bare/shared.h"

void guest_main(void)
{
    volatile struct shared *shared = (volatile struct shared *)SHARED;
    uint64_t step = shared->step;

    shared->step = step + 1;
    if (sleep_way(step)) {
        (void)smc(PSCI_SYSTEM_RESET, 0, 0, 0);
    }
    pending_all();
    senders_all();
    aarch32_all();
    calls_all();
    print("bare: done\r\n");
    (void)smc(PSCI_SYSTEM_OFF, 0, 0, 0);
}
