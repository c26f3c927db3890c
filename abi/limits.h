/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sizes on which the tool, the kernel and libmicrokit agree. The numbers of capabilities and
 * channels are the Microkit contract's; the others bound the kernel's static tables.
 */
#ifndef SLUICE_ABI_LIMITS_H
#define SLUICE_ABI_LIMITS_H

#define ABI_NAME_LENGTH    64 /* bytes, terminating zero included */
#define ABI_MAX_PDS        63 /* protection domains in a system */
#define ABI_MAX_VCPUS      64 /* virtual CPUs in a system */
#define ABI_MAX_CPUS       8  /* physical cores */
#define ABI_MAX_CHANNELS   62 /* channel ends, IRQs, children or vCPUs of one PD */
#define ABI_MAX_CSPACE     64 /* slots of the user part of a PD's cspace; slot 0 is never used */
#define ABI_MAX_PRIORITY   254
#define ABI_MESSAGE_WORDS  120 /* message registers in an IPC buffer */
#define ABI_CONTEXT_WORDS  36  /* words of seL4_UserContext */
#define ABI_MAX_INTID      1020
#define ABI_FIRST_LPI      8192 /* of GICv3: interrupts that messages make */
#define ABI_MAX_LPIS       256
#define ABI_LIST_REGISTERS 4  /* indices that a VMM may inject through */
#define ABI_VCPU_SLOTS     40 /* the same with ABI_INJECT_MORE: all priorities active, and more */

#define ABI_MAX_FIRMWARE_CALLS 32 /* that a board's file allows */

#define ABI_PAGE_SIZE       0x1000UL
#define ABI_LARGE_PAGE_SIZE 0x200000UL
#define ABI_IPA_BITS        40 /* width of every stage-2 address space */

/* Fixed places in a PD's address space (contract.md, section 4). */
#define ABI_PD_IMAGE_BASE 0x200000UL
#define ABI_PD_STACK_TOP  0xffffffe000UL /* the page above it stays unmapped */
#define ABI_PD_IPC_BUFFER 0xfffffff000UL

/* The page of the IPC buffer: seL4_IPCBuffer, then what operations on objects take and give when it
 * is wider than registers. It is not among the message registers, which stay what a message made
 * them. */
#define ABI_TRANSFER_OFFSET 0x400UL
#define ABI_TRANSFER_SIZE   (ABI_PAGE_SIZE - ABI_TRANSFER_OFFSET)

#endif
