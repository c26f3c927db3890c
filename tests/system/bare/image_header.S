/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the assembler: what bare guests begin with. The header of an arm64 Image (Linux,
 * Documentation/arch/arm64/booting.rst) goes on at `begin`; the linker's script says image_size, bss, bss_end.
 */
    .macro  image_header
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
    .endm

/* Changes x0 and x1. */
    .macro  zero_bss
    adr     x0, bss
    adr     x1, bss_end
1:  cmp     x0, x1
    b.hs    2f
    str     xzr, [x0], #8
    b       1b
2:
    .endm
