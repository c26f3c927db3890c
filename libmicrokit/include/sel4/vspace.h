/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cache maintenance on memory that a program has mapped, by its addresses [start, end): capability
 * 3 is the program's own address space, <cap_vspace> gives others. Where nothing is mapped, or a
 * device, nothing is done. (A program can do most of this at EL0: DC CVAC, CIVAC, CVAU, IC IVAU.)
 *
 * A range that is empty is InvalidArgument, one that ends beyond the address space
 * IllegalOperation. It may cross pages, unlike on seL4.
 */
#ifndef SEL4_VSPACE_H
#define SEL4_VSPACE_H

#include <sel4/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* To the point of coherency: devices see what was written. */
seL4_Error seL4_ARM_VSpace_Clean_Data(seL4_CPtr vspace, seL4_Word start, seL4_Word end);
/* What a device wrote is seen. What is dirty is written back, not lost: a cache may do so at any
 * time, so that a program must not have dirty lines there. */
seL4_Error seL4_ARM_VSpace_Invalidate_Data(seL4_CPtr vspace, seL4_Word start, seL4_Word end);
seL4_Error seL4_ARM_VSpace_CleanInvalidate_Data(seL4_CPtr vspace, seL4_Word start, seL4_Word end);
/* What was written as data is executed. */
seL4_Error seL4_ARM_VSpace_Unify_Instruction(seL4_CPtr vspace, seL4_Word start, seL4_Word end);

#ifdef __cplusplus
}
#endif

#endif
