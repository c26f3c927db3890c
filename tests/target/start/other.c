/* SPDX-License-Identifier: BSD-2-Clause */
/* Ruins what it can of the core's state whenever it runs, for start.c to find its own whole. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    __asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\t"
                     ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "
                     "16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
                     "movi v\\n\\().16b, #0xee\n\t"
                     ".endr\n\t"
                     "msr fpsr, %0\n\t"
                     "msr fpcr, %1\n\t"
                     "msr tpidr_el0, %0\n\t"
                     :
                     : "r"(0x1fUL), "r"(0xc00000UL)
                     : "memory");
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    return msginfo;
}
