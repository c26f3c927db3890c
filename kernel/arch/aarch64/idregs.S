/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Feature registers, S3_0_C0_C<crm>_<op2>, by number: a name stands in the instruction. arch.h has the
 * contract. Eight rows of eight, so that no number points elsewhere.
 */
    .arch   armv8-a
    .section .text.idregs, "ax"

    .global arch_feature_register
arch_feature_register:
    sub     w0, w0, #1
    and     w0, w0, #7
    and     w1, w1, #7
    add     w0, w1, w0, lsl #3
    adr     x1, 1f
    add     x1, x1, w0, uxtw #3
    br      x1
1:
.irp crm, 1, 2, 3, 4, 5, 6, 7, 7
.irp op2, 0, 1, 2, 3, 4, 5, 6, 7
    mrs     x0, s3_0_c0_c\crm\()_\op2
    ret
.endr
.endr
