/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest runs, at EL1 with its MMU off; entries are 0x100 bytes apart. */
    .text
/* 0: uses the core */
    b       .

/* 1: for 5 ms, then sleeps until a timer that is due 20 us later, without end */
    .org    0x100
1:  mrs     x0, cntvct_el0
    ldr     x1, =312500
    add     x1, x0, x1
2:  mrs     x0, cntvct_el0
    cmp     x0, x1
    b.lo    2b
    add     x0, x0, #1250
    msr     cntv_cval_el0, x0
    mov     x0, #1
    msr     cntv_ctl_el0, x0
    isb
    wfi
    msr     cntv_ctl_el0, xzr
    isb
    b       1b
    .ltorg

/* 2: AArch32 at EL0 writes to a device that is emulated, and calls EL1 */
    .org    0x200
    adr     x0, vectors
    msr     vbar_el1, x0
    adr     x0, user
    msr     elr_el1, x0
    mov     x0, #0x1d0              /* User mode, A32 */
    msr     spsr_el1, x0
    mov     x1, #0x50000000         /* nothing is there */
    isb
    eret
user:
    .inst   0xe5810000              /* str r0, [r1] */
    .inst   0xef000000              /* svc #0 */

/* 3: an HVC that is no call */
    .org    0x300
    hvc     #1

    .balign 2048
vectors:
    .rept 16
    .balign 128
    mrs     x1, esr_el1
    mrs     x2, spsr_el1
    hvc     #0
    .endr
