/* SPDX-License-Identifier: BSD-2-Clause */
    .text
/* 0: its timer is due always */
    mov     x0, #1
    msr     cntv_cval_el0, xzr
    msr     cntv_ctl_el0, x0
    isb
    b       .

/* 1: numbers its hypercalls */
    .org    0x100
    msr     cntv_ctl_el0, xzr
    mov     x1, #0
1:  add     x1, x1, #1
    mov     x0, x1
    hvc     #0
    b       1b
