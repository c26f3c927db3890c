/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs on a vCPU at EL1, MMU off, everything masked: drain.h. x0: a struct drain_work. Registers of
 * the CPU interface: ARM IHI 0048B, 4.4.
 */
#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define GICC_APR0 0xd0

#define CTLR_BOTH_GROUPS 0x7 /* on, and IAR and EOIR are for both: AckCtl */
#define PMR_EVERYTHING   0xff
#define INTID_MASK       0x3ff
#define FIRST_SPECIAL    1020

#define WORK_GICC   0
#define WORK_ACTIVE 8

	.section .rodata.drain_code, "a"
	.balign 8
	.global drain_code
	.global drain_code_size
drain_code:
	ldr	x1, [x0, #WORK_GICC]
	add	x4, x0, #WORK_ACTIVE
	str	wzr, [x1, #GICC_APR0]
	mov	w2, #PMR_EVERYTHING
	str	w2, [x1, #GICC_PMR]
	mov	w2, #CTLR_BOTH_GROUPS
	str	w2, [x1, #GICC_CTLR]
	dsb	sy

	/* Everything pending: take it and end it. */
1:	ldr	w2, [x1, #GICC_IAR]
	and	w3, w2, #INTID_MASK
	cmp	w3, #FIRST_SPECIAL
	b.hs	2f
	str	w2, [x1, #GICC_EOIR]
	dsb	sy
	b	1b

	/* Everything that the old guest took and did not end. */
2:	ldr	w2, [x4], #4
	cmp	w2, #FIRST_SPECIAL
	b.hs	3f
	str	w2, [x1, #GICC_EOIR]
	dsb	sy
	b	2b

	/* As the hardware comes up. */
3:	str	wzr, [x1, #GICC_CTLR]
	str	wzr, [x1, #GICC_PMR]
	str	wzr, [x1, #GICC_BPR]
	str	wzr, [x1, #GICC_APR0]
	dsb	sy
	smc	#0
	b	3b
drain_code_end:

	.balign 8
drain_code_size:
	.quad drain_code_end - drain_code
	.section .note.GNU-stack, "", %progbits
