/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare guest: the header of an arm64 Image, which is what the stock VMM loads, and vectors. A bad
 * access is passed over, a jump to nowhere returns, an interrupt is taken and ended.
 */
#include "tests/system/bare/image_header.S"

#define GICC      0x8010000
#define GICC_IAR  0xc
#define GICC_EOIR 0x10

    image_header
begin:
    adrp    x0, stack_top
    add     sp, x0, :lo12:stack_top
    adr     x0, vectors
    msr     vbar_el1, x0
    isb
    bl      guest_main
1:  wfi
    b       1b

sync:
    stp     x0, x1, [sp, #-16]!
    mrs     x0, esr_el1
    lsr     x0, x0, #26
    mrs     x1, elr_el1
    add     x1, x1, #4
    and     x0, x0, #0x3c   /* 0x20..0x22: jumped there */
    cmp     x0, #0x20
    b.ne    1f
    mrs     x0, esr_el1
    lsr     x0, x0, #26
    cmp     x0, #0x22
    csel    x1, x30, x1, ls
1:  msr     elr_el1, x1
    ldp     x0, x1, [sp], #16
    eret

irq:
    stp     x0, x1, [sp, #-16]!
    ldr     x0, =GICC
    ldr     w1, [x0, #GICC_IAR]
    str     w1, [x0, #GICC_EOIR]
    ldp     x0, x1, [sp], #16
serror:
    eret

    .align  11
vectors:
    .rept   4
    .align  7
    b       sync
    .align  7
    b       irq
    .align  7
    b       irq
    .align  7
    b       serror
    .endr
    .align  7
