/* SPDX-License-Identifier: BSD-2-Clause */
/* A bare guest of one vCPU: the header of an arm64 Image, a stack of 16 KiB, and vectors at which an
 * exception is an end. Nothing is cached and no interrupt is ever taken. */
#include "tests/system/bare/image_header.S"

    image_header
begin:
    zero_bss
    adrp    x0, stacks
    add     x0, x0, :lo12:stacks
    add     sp, x0, #0x4000
    adr     x0, vectors
    msr     vbar_el1, x0
    isb
    bl      guest_main
3:  wfi
    b       3b

    .balign 0x800
vectors:
    .rept   16
    .balign 0x80
    b       exception
    .endr
