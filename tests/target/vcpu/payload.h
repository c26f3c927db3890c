/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that payload.S and vmm.c share. */
#ifndef SLUICE_TESTS_TARGET_VCPU_PAYLOAD_H
#define SLUICE_TESTS_TARGET_VCPU_PAYLOAD_H

#define RAM  0x40000000
#define ROM  0x60000000
#define HOLE 0x50000000 /* nothing is mapped here */

/* Each piece of code starts at a multiple of this. */
#define ENTRY_SIZE 0x400

#define ENTRY_STATE     0
#define ENTRY_CALLS     1
#define ENTRY_SMC       2
#define ENTRY_REGISTERS 3
#define ENTRY_READ      4
#define ENTRY_WRITE     5
#define ENTRY_ROM       6
#define ENTRY_JUMP      7
#define ENTRY_MMU       8
#define ENTRY_IRQ       9
#define ENTRY_WFI       10
#define ENTRY_TIMER     11
#define ENTRY_FP        12
#define ENTRY_DUMP      13
#define ENTRY_SPIN      14
#define ENTRY_USER      15
#define ENTRY_SET       16
#define ENTRY_SLEEP     17
#define ENTRY_VECTORS   18 /* two entries long, 2 KiB aligned */

/* Words that the guest writes: from DATA on. */
#define DATA   0x10000
#define TABLES 0x20000 /* the guest's stage 1, written by the VMM */

#define DUMP_WORDS 16

/* Beside the INTID that the guest reports. */
#define SAW_GROUP1 0x1000

/* With the guest's MMU on, the gigabyte at IPA 0x40000000 is here, too. */
#define ALIAS 0x140000000

#endif
