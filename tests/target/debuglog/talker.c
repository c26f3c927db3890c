/* SPDX-License-Identifier: BSD-2-Clause */
/* Says something and faults: "greedy" because it asks for text that is not for it. */
#include <microkit.h>

void init(void)
{
    char text[8];

    microkit_dbg_puts("this is ");
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts("\n");
    if (microkit_name[0] == 'g') {
        microkit_dbg_read(5, text, sizeof(text));
    }
    __asm__ volatile("str xzr, [%0]" : : "r"(0x1230UL) : "memory");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
