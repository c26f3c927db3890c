/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs last, after all the others have faulted: the system goes on without them. */
#include "tests/target/lib/check.h"

void init(void)
{
    check("others_go_on", true);
    microkit_notify(0); /* to a program that has stopped */
    check("notify_to_stopped_program", true);
    check_done();
}

void notified(microkit_channel ch)
{
    (void)ch;
}
