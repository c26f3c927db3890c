/* SPDX-License-Identifier: BSD-2-Clause */
/* The guests' memory, as payload.S and the judge know it. */
#ifndef SLUICE_TESTS_TARGET_REGISTERS_LAYOUT_H
#define SLUICE_TESTS_TARGET_REGISTERS_LAYOUT_H

#define RAM 0x40000000

/* Every MRS and MSR (register) there is: op0 2 or 3, op1, CRn, CRm and op2 are 15 bits in the
 * instruction. */
#define NAMES 0x8000

#define ENTRY_READ  0x0000
#define ENTRY_WRITE 0x0400
#define VECTORS     0x0800
#define READERS     0x10000 /* two instructions a name */
#define WRITERS     0x50000

#define TARGET 0xf000   /* where ENTRY_READ puts what it reads: an offset in RAM */
#define VALUES 0x100000 /* 8 bytes a name; as often as fits */
#define MASKS \
    0x1c0000 /* what ENTRY_WRITE changes of what the first VALUES say; then what it reads back */
#define VALUES_SIZE (NAMES * 8)

#define UNDEFINED 0xdeadbeefdeadbeef /* where there is no such register */

#endif
