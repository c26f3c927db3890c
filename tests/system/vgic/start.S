/* SPDX-License-Identifier: BSD-2-Clause */
/* A bare guest of one vCPU: the header of an arm64 Image, a stack of 16 KiB, and vectors at which an
 * exception is an end. Nothing is cached and no interrupt is ever taken. */
    .section .text.start, "ax"
    .global start
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
2:  adrp    x0, stacks
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
