/* SPDX-License-Identifier: BSD-2-Clause */
/* The hammer's guest: does a little of everything, at EL1, wherever its registers are set to. */
    .text
1:  add     x0, x0, #1
    mrs     x1, cntvct_el0
    hvc     #0
    str     x0, [x2]
    wfi
    b       1b
