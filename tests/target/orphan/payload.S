/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest counts, for ever. */
    .text
    adr     x1, count
1:  ldr     x0, [x1]
    add     x0, x0, #1
    str     x0, [x1]
    b       1b
    .org    0x1000
count:
    .quad   0
