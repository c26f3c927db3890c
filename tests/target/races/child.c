/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes one system call after the other. At `loop` x10 becomes 1; who begins one instruction behind
 * it finds 2 there. The judge reads the loop's address from x11 when the child faults at its brk.
 */
#include <microkit.h>

void loop(void);

__asm__(".section .text.loop, \"ax\"\n"
        "    .balign 16\n"
        "    .global loop\n"
        "loop:\n"
        "    b   1f\n"
        "    mov x10, #2\n"
        "    b   2f\n"
        "1:  mov x10, #1\n"
        "2:  mov x7, #1\n" /* a signal to nobody */
        "    mov x0, #0\n"
        "    svc #0\n"
        "    b   2b\n"
        ".previous\n");

/* Calls with the address in a register that the judge reads, then loops. */
void init(void)
{
    register seL4_Word x11 __asm__("x11") = (seL4_Word)loop;

    __asm__ volatile("brk #0" : : "r"(x11));
    loop();
}

void notified(microkit_channel ch)
{
    (void)ch;
}
