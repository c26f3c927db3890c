/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads every register name, and writes every one. What is undefined comes to the vectors here, or to
 * the VMM, which does as they do: x27 says so, and the instruction is passed over.
 */
#include "tests/target/registers/layout.h"

    .text
    .org    ENTRY_READ
    mov     x26, #RAM
    add     x1, x26, #VECTORS
    msr     vbar_el1, x1
    mov     x1, #(3 << 20)
    mrs     x0, cpacr_el1
    orr     x0, x0, x1
    msr     cpacr_el1, x0               /* FPCR and FPSR */
    isb
    add     x21, x26, #READERS
    mov     x22, #TARGET
    ldr     x22, [x26, x22]
    add     x22, x22, x26
    mov     x20, #0
    .inst   0                           /* the exception registers are as at any later time */
1:  mov     x27, #0
    mov     x0, #0
    add     x1, x21, x20, lsl #3
    blr     x1
    ldr     x1, =UNDEFINED
    cmp     x27, #0
    csel    x0, x0, x1, eq
    str     x0, [x22, x20, lsl #3]
    add     x20, x20, #1
    cmp     x20, #NAMES
    b.lo    1b
    hvc     #0

    .org    ENTRY_WRITE
    add     x21, x26, #WRITERS
    add     x24, x26, #READERS
    add     x22, x26, #VALUES
    mov     x23, #MASKS
    add     x23, x26, x23
    mov     x20, #0
1:  ldr     x0, [x22, x20, lsl #3]
    ldr     x1, [x23, x20, lsl #3]
    eor     x0, x0, x1
    cbz     x1, 2f
    add     x1, x21, x20, lsl #3
    blr     x1
    isb
2:  mov     x27, #0
    mov     x0, #0
    add     x1, x24, x20, lsl #3
    blr     x1
    ldr     x1, =UNDEFINED
    cmp     x27, #0
    csel    x0, x0, x1, eq
    str     x0, [x23, x20, lsl #3]      /* in the place of the mask */
    add     x20, x20, #1
    cmp     x20, #NAMES
    b.lo    1b
    hvc     #0
    .ltorg

    .org    VECTORS + 0x200             /* synchronous, at EL1 */
    mrs     x25, elr_el1
    add     x25, x25, #4
    msr     elr_el1, x25
    mov     x27, #1
    eret

    .org    READERS
    .set    name, 0
    .rept   NAMES
    .inst   0xd5300000 + (name << 5)    /* mrs x0, … */
    ret
    .set    name, name + 1
    .endr

    .org    WRITERS
    .set    name, 0
    .rept   NAMES
    .inst   0xd5100000 + (name << 5)    /* msr …, x0 */
    ret
    .set    name, name + 1
    .endr
