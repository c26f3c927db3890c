/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch32 code at EL0, until its first exception, which comes to the vector at 0x600.
 * uint64_t aarch32_run(uint64_t *registers, uint64_t code, uint64_t pstate): x0..x14 are its r0..r14,
 * before and after; the syndrome of the exception.
 */
    .text
    .global aarch32_run
    .global aarch32_exception
aarch32_run:
    stp     x29, x30, [sp, #-112]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    str     x18, [sp, #96]
    msr     tpidr_el1, x0
    msr     elr_el1, x1
    msr     spsr_el1, x2
    ldp     x1, x2, [x0, #8]
    ldp     x3, x4, [x0, #24]
    ldp     x5, x6, [x0, #40]
    ldp     x7, x8, [x0, #56]
    ldp     x9, x10, [x0, #72]
    ldp     x11, x12, [x0, #88]
    ldp     x13, x14, [x0, #104]
    ldr     x0, [x0]
    eret

aarch32_exception:
    mrs     x15, tpidr_el1
    stp     x0, x1, [x15]
    stp     x2, x3, [x15, #16]
    stp     x4, x5, [x15, #32]
    stp     x6, x7, [x15, #48]
    stp     x8, x9, [x15, #64]
    stp     x10, x11, [x15, #80]
    stp     x12, x13, [x15, #96]
    str     x14, [x15, #112]
    mrs     x0, esr_el1
    ldr     x18, [sp, #96]
    ldp     x27, x28, [sp, #80]
    ldp     x25, x26, [sp, #64]
    ldp     x23, x24, [sp, #48]
    ldp     x21, x22, [sp, #32]
    ldp     x19, x20, [sp, #16]
    ldp     x29, x30, [sp], #112
    ret

/* r1 is the distributor's address. Encodings of instructions that this assembler does not know. */
    .global aarch32_a32
    .balign 4
aarch32_a32:
    .word   0xe5910004  /* ldr   r0, [r1, #4]       GICD_TYPER */
    .word   0xe5c13420  /* strb  r3, [r1, #0x420]   GICD_IPRIORITYR of 32 */
    .word   0xe5d14420  /* ldrb  r4, [r1, #0x420] */
    .word   0xe591e008  /* ldr   r14, [r1, #8]      GICD_IIDR */
    .word   0xef000000  /* svc   #0 */

    .global aarch32_t32
aarch32_t32:
    .hword  0x4280      /* cmp   r0, r0 */
    .hword  0xbf0c      /* ite   eq */
    .hword  0x684d      /* ldreq r5, [r1, #4] */
    .hword  0x2609      /* movne r6, #9             does not happen */
    .hword  0xbf0c      /* ite   eq */
    .hword  0x604d      /* streq r5, [r1, #4]       read-only */
    .hword  0x2709      /* movne r7, #9 */
    .hword  0xdf00      /* svc   #0 */
