/* SPDX-License-Identifier: BSD-2-Clause */
/* That this runs at all shows that the guest does not. */
#include "tests/target/lib/check.h"

#define COUNT (0x1000 / sizeof(seL4_Word))

volatile seL4_Word *ram = (seL4_Word *)1;

void init(void)
{
    seL4_Word count = ram[COUNT];

    check("guest_ran", count > 0);
    spin(milliseconds(50));
    check_equal("guest_is_stopped", ram[COUNT], count);
    check_done();
}

void notified(microkit_channel ch)
{
    (void)ch;
}
