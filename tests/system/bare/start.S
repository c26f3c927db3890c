/* SPDX-License-Identifier: BSD-2-Clause */
/* A bare guest: the header of an arm64 Image, a stack of 16 KiB for each of two vCPUs, and vectors at
 * which an exception is an end, but for AArch32 code (aarch32.S). Nothing is cached and no interrupt is ever taken. */
    .section .text.start, "ax"
    .global start
    .global second
start:
    b       begin
    .word   0
    .quad   0               /* text_offset */
    .quad   image_size
    .quad   0xa             /* little-endian, 4 KiB pages, anywhere in RAM */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0
begin:
    adr     x0, bss
    adr     x1, bss_end
1:  cmp     x0, x1
    b.hs    2f
    str     xzr, [x0], #8
    b       1b
2:  adr     x2, guest_main
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

    .align  11
vectors:
    .rept   12
    .align  7
    b       exception
    .endr
    .align  7
    b       aarch32_exception
    .rept   3
    .align  7
    b       exception
    .endr
