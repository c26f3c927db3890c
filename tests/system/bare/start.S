/* SPDX-License-Identifier: BSD-2-Clause */
/* A bare guest: the header of an arm64 Image, a stack of 16 KiB for each of two vCPUs, and vectors at
 * which an exception is an end, but for AArch32 code (aarch32.S) and calls.c. Nothing is cached and no interrupt is ever taken. */
#include "tests/system/bare/image_header.S"

    image_header
    .global second
begin:
    zero_bss
    adr     x2, guest_main
    mov     x3, #0x4000
    b       run
second:
    adr     x2, guest_second
    mov     x3, #0x8000
run:
    adrp    x0, stacks
    add     x0, x0, :lo12:stacks
    add     sp, x0, x3
    adr     x0, vectors
    msr     vbar_el1, x0
    isb
    blr     x2
3:  wfi
    b       3b

/* At EL1: those of calls.c are gone on from. */
own_exception:
    stp     x29, x30, [sp, #-176]!
    stp     x0, x1, [sp, #16]
    stp     x2, x3, [sp, #32]
    stp     x4, x5, [sp, #48]
    stp     x6, x7, [sp, #64]
    stp     x8, x9, [sp, #80]
    stp     x10, x11, [sp, #96]
    stp     x12, x13, [sp, #112]
    stp     x14, x15, [sp, #128]
    stp     x16, x17, [sp, #144]
    str     x18, [sp, #160]
    bl      calls_exception
    cbz     w0, exception
    ldr     x18, [sp, #160]
    ldp     x16, x17, [sp, #144]
    ldp     x14, x15, [sp, #128]
    ldp     x12, x13, [sp, #112]
    ldp     x10, x11, [sp, #96]
    ldp     x8, x9, [sp, #80]
    ldp     x6, x7, [sp, #64]
    ldp     x4, x5, [sp, #48]
    ldp     x2, x3, [sp, #32]
    ldp     x0, x1, [sp, #16]
    ldp     x29, x30, [sp], #176
    eret

    .align  11
vectors:
    .rept   4
    .align  7
    b       exception
    .endr
    .align  7
    b       own_exception
    .rept   7
    .align  7
    b       exception
    .endr
    .align  7
    b       aarch32_exception
    .rept   3
    .align  7
    b       exception
    .endr
