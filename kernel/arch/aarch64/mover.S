/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First page of an image that cannot run at the load address, since the description wants that memory
 * for a region: brings the rest to where it was laid out, and goes on there as the boot loader would
 * (start.S). One core, EL2, MMU and caches off; runs anywhere, and is not linked. The tool fills in the two numbers
 * (tool/microkit/move.c).
 */
    .text
start:
    b       1f
    .balign 8
target:
    .quad   0
size:
    .quad   0                           /* a multiple of the page size */

1:  adr     x0, start
    add     x0, x0, #4096               /* from the next page … */
    ldr     x1, target
    ldr     x2, size
    add     x2, x1, x2
    mrs     x4, ctr_el0
    ubfx    x4, x4, #16, #4             /* DminLine: words of the smallest line, as a power of 2 */
    mov     x5, #4
    lsl     x4, x5, x4
    mov     x3, x1
2:  dc      civac, x3                   /* lines of who was here before overwrite nothing later */
    add     x3, x3, x4
    cmp     x3, x2
    b.lo    2b
    dsb     sy
    mov     x3, x1
3:  ldp     x4, x5, [x0], #16
    stp     x4, x5, [x3], #16
    cmp     x3, x2
    b.lo    3b
    dsb     sy
    ic      iallu
    dsb     sy
    isb
    br      x1
