/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU interface of a guest written in assembly, a GICv2's at GICC or a GICv3's: by what the
 * processor says that it has, in x19. x20 and w0 are theirs. Interrupts of group 1 alone.
 */
#ifndef SLUICE_TESTS_TARGET_LIB_GIC_H
#define SLUICE_TESTS_TARGET_LIB_GIC_H

#define GICC      0x08010000
#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10

#define CTLR_GROUPS 3
#define CTLR_ACKCTL 4 /* IAR tells of group 1, too */

/* All priorities, both groups. */
.macro gic_open
    ldr     x20, =GICC
    mov     w0, #0xf8
    mrs     x19, id_aa64pfr0_el1
    ubfx    x19, x19, #24, #4
    cbnz    x19, 8f
    str     w0, [x20, #GICC_PMR]
    mov     w0, #(CTLR_GROUPS | CTLR_ACKCTL)
    str     w0, [x20, #GICC_CTLR]
    b       9f
8:  msr     icc_pmr_el1, x0
    mov     w0, #1
    msr     icc_igrpen0_el1, x0
    msr     icc_igrpen1_el1, x0
9:  isb
.endm

/* w<register>: which interrupt */
.macro gic_acknowledge register
    cbnz    x19, 8f
    ldr     w\register, [x20, #GICC_IAR]
    b       9f
8:  mrs     x\register, icc_iar1_el1
9:
.endm

.macro gic_end register
    cbnz    x19, 8f
    str     w\register, [x20, #GICC_EOIR]
    b       9f
8:  msr     icc_eoir1_el1, x\register
9:
.endm

#endif
