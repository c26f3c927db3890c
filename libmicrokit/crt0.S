/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of every program: the kernel sets SP; _start is the first byte of the image (0x200000). */
    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    mov     x29, #0
    mov     x30, #0
    bl      main
    b       .
    .size _start, . - _start
    .section .note.GNU-stack, "", %progbits
