/* SPDX-License-Identifier: BSD-2-Clause */
/* A bare guest of three vCPUs: the header of an arm64 Image, a stack of 8 KiB for each, and vectors
 * at which an exception is an end. Nothing is cached and no interrupt is ever taken. */
    .section .text.start, "ax"
    .global start, start_other
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
2:  mov     x0, #0
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
