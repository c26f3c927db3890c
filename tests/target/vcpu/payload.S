/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest runs, at EL1 with its MMU off, linked nowhere: each piece starts at its entry and
 * reports by HVC, whose x0..x7 the VMM sees and may change.
 */
#include "tests/target/vcpu/payload.h"
#include "tests/target/lib/gic.inc"

    .arch_extension fp
    .arch_extension simd

.macro entry number
    .org    \number * ENTRY_SIZE
.endm

    .text

    entry   ENTRY_STATE
    hvc     #0
    mrs     x0, currentel
    mrs     x1, sctlr_el1
    mrs     x2, mpidr_el1
    mov     x3, sp
    mrs     x4, ttbr0_el1
    mrs     x5, vbar_el1
    mrs     x6, cntv_ctl_el0
    mrs     x7, tpidr_el1
    hvc     #0

    entry   ENTRY_CALLS
    mov     x7, #0
1:  hvc     #0
    add     x7, x7, #1
    cmp     x7, #16
    b.lo    1b
    mov     x7, #-1
    hvc     #0

    entry   ENTRY_SMC
    mov     x0, #0x84000000
    smc     #0
    hvc     #0

    entry   ENTRY_REGISTERS
    mov     x1, #-1
    msr     mdscr_el1, x1
    msr     dbgbvr0_el1, x1
    msr     oslar_el1, x1
    msr     osdlr_el1, x1
    msr     actlr_el1, x1
    msr     pmcr_el0, x1
    msr     pmcntenset_el0, x1
    msr     pmccfiltr_el0, x1
    msr     cntp_cval_el0, x1
    msr     cntp_ctl_el0, x1
    mrs     x0, mdscr_el1
.irp name, dbgbvr0_el1, osdlr_el1, actlr_el1, pmcr_el0, pmcntenset_el0, pmccfiltr_el0, pmccntr_el0, cntp_cval_el0, cntp_tval_el0, cntp_ctl_el0
    mrs     x2, \name
    orr     x0, x0, x2
.endr
    mrs     x1, oslsr_el1
    mrs     xzr, pmccntr_el0
    dc      isw, xzr
    dc      csw, xzr
    dc      cisw, xzr
    hvc     #0

    entry   ENTRY_READ
    mov     x3, #-1
    ldr     x1, =HOLE + 0x5678
    ldr     w3, [x1]
    mov     x0, x3
    hvc     #0

    entry   ENTRY_WRITE
    ldr     x1, =HOLE + 0x9abc
    mov     x4, #0x77
    strb    w4, [x1]
    hvc     #0

    entry   ENTRY_ROM
    ldr     x1, =ROM + 0x128
    str     x1, [x1]
    hvc     #0

    entry   ENTRY_JUMP
    ldr     x1, =HOLE
    br      x1

/* Stage 1 on: a write to ROM and a read of the hole, through the alias. */
    entry   ENTRY_MMU
    ldr     x0, =RAM + TABLES
    msr     ttbr0_el1, x0
    ldr     x0, =0x200803519 /* 39 bits, 4 KiB, walks cacheable; no TTBR1; 40-bit output */
    msr     tcr_el1, x0
    mov     x0, #0xff
    msr     mair_el1, x0
    isb
    dsb     sy
    tlbi    vmalle1
    dsb     sy
    mrs     x9, sctlr_el1
    orr     x0, x9, #1
    msr     sctlr_el1, x0
    isb
    ldr     x1, =ALIAS + (ROM - RAM) + 0x248
    str     x1, [x1]
    ldr     x1, =ALIAS + (HOLE - RAM) + 0x350
    ldr     x2, [x1]
    msr     sctlr_el1, x9
    isb
    hvc     #0

/* Takes three interrupts, of which the handler tells the VMM, then reports. */
    entry   ENTRY_IRQ
    ldr     x0, =RAM + ENTRY_VECTORS * ENTRY_SIZE
    msr     vbar_el1, x0
    gic_open
    cbnz    x19, 1f
    mov     w0, #CTLR_GROUPS
    str     w0, [x20, #GICC_CTLR]
1:  mov     x21, #0
    mov     x0, #-2
    hvc     #0 /* ready: the VMM injects */
    msr     daifclr, #3
1:  cmp     x21, #3
    b.lo    1b
    msr     daifset, #3
    mov     x0, #-1
    hvc     #0

/* Interrupts stay masked: what is pending ends WFI all the same. Then it is taken by hand. */
    entry   ENTRY_WFI
    ldr     x1, =RAM + DATA
    mov     x0, #1
    str     x0, [x1]
    wfi
    mov     x0, #2
    str     x0, [x1]
    cbnz    x19, 1f /* both as ENTRY_IRQ left them */
    ldr     w0, [x20, #GICC_IAR]
    str     w0, [x20, #GICC_EOIR]
    hvc     #0
1:  mrs     x0, icc_iar0_el1
    msr     icc_eoir0_el1, x0
    hvc     #0

/* Lets the timer fire, waits a while, reports; turns it off, reports. */
    entry   ENTRY_TIMER
    mrs     x1, cntvct_el0
    ldr     x2, =62500
    add     x1, x1, x2
    msr     cntv_cval_el0, x1
    mov     x0, #1
    msr     cntv_ctl_el0, x0
1:  mrs     x0, cntv_ctl_el0
    tbz     x0, #2, 1b /* its condition is not met */
    mrs     x1, cntvct_el0
    add     x1, x1, x2
2:  isb
    mrs     x2, cntvct_el0
    cmp     x2, x1
    b.lo    2b
    mrs     x1, cntv_ctl_el0
    hvc     #0
    msr     cntv_ctl_el0, xzr
    isb
    hvc     #0

    entry   ENTRY_FP
    mov     x0, #(3 << 20)
    msr     cpacr_el1, x0
    isb
.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    movi    v\n\().16b, #(0x40 + \n)
.endr
    hvc     #0
    mov     x0, #0
    ldr     x3, =0x0101010101010101
.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    mov     x2, #(0x40 + \n)
    mul     x2, x2, x3
    mov     x1, v\n\().d[1]
    cmp     x1, x2
    cinc    x0, x0, ne
.endr
    hvc     #0

/* Writes its EL1 registers to DATA, reports, and goes on to do so. */
    entry   ENTRY_DUMP
1:  ldr     x1, =RAM + DATA
    mrs     x0, ttbr0_el1
    str     x0, [x1]
    mrs     x0, ttbr1_el1
    str     x0, [x1, #8]
    mrs     x0, tcr_el1
    str     x0, [x1, #16]
    mrs     x0, mair_el1
    str     x0, [x1, #24]
    mrs     x0, contextidr_el1
    str     x0, [x1, #32]
    mrs     x0, vbar_el1
    str     x0, [x1, #40]
    mrs     x0, tpidr_el1
    str     x0, [x1, #48]
    mrs     x0, mpidr_el1
    str     x0, [x1, #56]
    mov     x0, sp
    str     x0, [x1, #64]
    mrs     x0, elr_el1
    str     x0, [x1, #72]
    mrs     x0, far_el1
    str     x0, [x1, #80]
    mrs     x0, esr_el1
    str     x0, [x1, #88]
    mrs     x0, par_el1
    str     x0, [x1, #96]
    mrs     x0, cntv_cval_el0
    str     x0, [x1, #104]
    mrs     x0, cntpct_el0
    mrs     x2, cntvct_el0
    sub     x0, x2, x0
    str     x0, [x1, #112]
    mrs     x0, currentel
    str     x0, [x1, #120]
    hvc     #0
    b       1b

    entry   ENTRY_SPIN
    ldr     x1, =RAM + DATA
1:  ldr     x0, [x1]
    add     x0, x0, #1
    str     x0, [x1]
    b       1b

/* Its own user space makes a system call, which is the guest's affair. */
    entry   ENTRY_USER
    ldr     x0, =RAM + ENTRY_VECTORS * ENTRY_SIZE
    msr     vbar_el1, x0
    adr     x0, 1f
    msr     elr_el1, x0
    msr     spsr_el1, xzr
    eret
1:  mov     x7, #2
    svc     #5

/* Sets its EL1 registers from what the VMM left behind the dump. */
    entry   ENTRY_SET
    ldr     x1, =RAM + DATA + 8 * DUMP_WORDS
    ldr     x0, [x1]
    msr     ttbr0_el1, x0
    ldr     x0, [x1, #8]
    msr     ttbr1_el1, x0
    ldr     x0, [x1, #16]
    msr     tcr_el1, x0
    ldr     x0, [x1, #24]
    msr     mair_el1, x0
    ldr     x0, [x1, #32]
    msr     contextidr_el1, x0
    ldr     x0, [x1, #40]
    msr     vbar_el1, x0
    ldr     x0, [x1, #48]
    msr     tpidr_el1, x0
    ldr     x0, [x1, #64]
    mov     sp, x0
    ldr     x0, [x1, #72]
    msr     elr_el1, x0
    ldr     x0, [x1, #80]
    msr     far_el1, x0
    ldr     x0, [x1, #88]
    msr     esr_el1, x0
    ldr     x0, [x1, #96]
    msr     par_el1, x0
    ldr     x0, [x1, #104]
    msr     cntv_cval_el0, x0
    hvc     #0

/* Sleeps until its timer fires: the VMM gets the event. */
    entry   ENTRY_SLEEP
    ldr     x2, =62500
    msr     cntv_tval_el0, x2
    mov     x0, #1
    msr     cntv_ctl_el0, x0
1:  wfi
    mrs     x1, cntv_ctl_el0
    tbz     x1, #2, 1b
    msr     cntv_ctl_el0, xzr
    hvc     #0

    .ltorg
    entry   ENTRY_VECTORS
    .org    ENTRY_VECTORS * ENTRY_SIZE + 0x200
    mrs     x0, esr_el1 /* synchronous, from EL1 */
    hvc     #0

    .org    ENTRY_VECTORS * ENTRY_SIZE + 0x280 /* IRQ, from EL1 */
    mov     w22, #0
    cbnz    x19, 2f
    ldr     w0, [x20, #GICC_IAR]
    cmp     w0, #1022 /* one of group 1, which takes AckCtl */
    b.ne    1f
    mov     w22, #(3 | CTLR_ACKCTL)
    str     w22, [x20, #GICC_CTLR]
    ldr     w0, [x20, #GICC_IAR]
    mov     w22, #SAW_GROUP1
1:  str     w0, [x20, #GICC_EOIR]
    b       3f
2:  mrs     x0, icc_iar1_el1
    msr     icc_eoir1_el1, x0
    mov     w22, #SAW_GROUP1
3:  orr     w0, w0, w22
    add     x21, x21, #1
    hvc     #0
    eret

    .org    ENTRY_VECTORS * ENTRY_SIZE + 0x300 /* FIQ: a GICv3's group 0 */
    mrs     x0, icc_iar0_el1
    msr     icc_eoir0_el1, x0
    add     x21, x21, #1
    hvc     #0
    eret

    .org    ENTRY_VECTORS * ENTRY_SIZE + 0x400 /* synchronous, from EL0 */
    mrs     x0, esr_el1
    hvc     #0
