/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs on a vCPU at EL1, MMU off, everything masked: drain.h. x0: a struct drain_work. Registers of
 * the CPU interface: ARM IHI 0048B, 4.4, or IHI 0069H, 12.2, if it has no address.
 */
#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define GICC_APR0 0xd0

#define CTLR_BOTH_GROUPS 0x7 /* on, and IAR and EOIR are for both: AckCtl */
#define CTLR_EOIMODE     0x2 /* ICC_CTLR_EL1: ICC_DIR_EL1 ends, whatever the priorities are */
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
	cbz	x1, registers
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

registers:
	msr	icc_ap0r0_el1, xzr
	msr	icc_ap1r0_el1, xzr
	mov	x2, #CTLR_EOIMODE
	msr	icc_ctlr_el1, x2
	mov	x2, #PMR_EVERYTHING
	msr	icc_pmr_el1, x2
	mov	x2, #1
	msr	icc_igrpen0_el1, x2
	msr	icc_igrpen1_el1, x2
	isb

	/* Everything pending, of both groups. */
4:	mrs	x2, icc_iar1_el1
	cmp	x2, #FIRST_SPECIAL
	b.hs	5f
	msr	icc_eoir1_el1, x2
	msr	icc_dir_el1, x2
	isb
	b	4b
5:	mrs	x2, icc_iar0_el1
	cmp	x2, #FIRST_SPECIAL
	b.hs	6f
	msr	icc_eoir0_el1, x2
	msr	icc_dir_el1, x2
	isb
	b	4b

6:	ldr	w2, [x4], #4
	cmp	w2, #FIRST_SPECIAL
	b.hs	7f
	msr	icc_dir_el1, x2
	isb
	b	6b

7:	msr	icc_igrpen0_el1, xzr
	msr	icc_igrpen1_el1, xzr
	msr	icc_ctlr_el1, xzr
	msr	icc_pmr_el1, xzr
	msr	icc_bpr0_el1, xzr
	msr	icc_bpr1_el1, xzr
	msr	icc_ap0r0_el1, xzr
	msr	icc_ap1r0_el1, xzr
	isb
	smc	#0
	b	7b
drain_code_end:

	.balign 8
drain_code_size:
	.quad drain_code_end - drain_code
	.section .note.GNU-stack, "", %progbits
