/* SPDX-License-Identifier: BSD-2-Clause */
/* The VMM of the guest that only reads: once before, and once after the other one has written. */
#include "tests/target/registers/guest.h"

volatile seL4_Word *ram = (seL4_Word *)1;

static unsigned int pass;

void init(void)
{
    guest_reads(ram, pass++);
}

void notified(microkit_channel channel)
{
    (void)channel;
    guest_reads(ram, pass++);
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    (void)reply;
    if (!guest_is_done(microkit_msginfo_get_label(info))) {
        return true;
    }
    microkit_notify(PEER);
    return false;
}
