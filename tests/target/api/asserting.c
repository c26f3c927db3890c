/* SPDX-License-Identifier: BSD-2-Clause */
/* Each start makes a message info with one field that does not fit. */
#include <microkit.h>

static unsigned int starts = 1; /* not .bss: what a restart leaves alone is seen */

void init(void)
{
    volatile seL4_Uint64 one = 1;
    microkit_msginfo info = seL4_MessageInfo_new(0xfffffffffffffUL, 7, 3, 127);

    microkit_mr_set(0, seL4_MessageInfo_get_label(info));
    switch (starts++) {
    case 1:
        info = seL4_MessageInfo_new(one << 52, 0, 0, 0);
        break;
    case 2:
        info = seL4_MessageInfo_new(0, one << 3, 0, 0);
        break;
    case 3:
        info = seL4_MessageInfo_new(0, 0, one << 2, 0);
        break;
    default:
        info = seL4_MessageInfo_new(0, 0, 0, one << 7);
    }
    microkit_mr_set(1, info.words[0]);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
