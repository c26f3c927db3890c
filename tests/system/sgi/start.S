/* SPDX-License-Identifier: BSD-2-Clause */
/* A bare guest of three vCPUs: the header of an arm64 Image, a stack of 8 KiB for each, and vectors
 * at which an exception is an end. Nothing is cached and no interrupt is ever taken. */
#include "tests/system/bare/image_header.S"

    image_header
    .global start_other
begin:
    zero_bss
    mov     x0, #0
start_other:                /* x0: which one it is */
    adrp    x1, stacks
    add     x1, x1, :lo12:stacks
    add     x2, x0, #1
    add     x1, x1, x2, lsl #13
    mov     sp, x1
    adr     x1, vectors
    msr     vbar_el1, x1
    isb
    bl      cpu_main
3:  wfi
    b       3b

    .balign 0x800
vectors:
    .rept   16
    .balign 0x80
    b       exception
    .endr
