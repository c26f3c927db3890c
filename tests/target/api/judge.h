/* SPDX-License-Identifier: BSD-2-Clause */
/* What the judge's files share. */
#ifndef SLUICE_TESTS_TARGET_API_JUDGE_H
#define SLUICE_TESTS_TARGET_API_JUDGE_H

#include "tests/target/lib/check.h"

#define STILL        2
#define STILL_TCB    (BASE_TCB_CAP + STILL)
#define STILL_VSPACE microkit_cspace_root_slot_to_cptr(2)

#define WORKER     3
#define WORKER_TCB (BASE_TCB_CAP + WORKER)
#define WORKER_SC  microkit_cspace_root_slot_to_cptr(3)
#define OWN_SC     microkit_cspace_root_slot_to_cptr(4)
#define ECHO       4

#define INSTRUCTION_HLT 0xd4400000
#define INSTRUCTION_BRK 0xd4200000

#define VSPACE 3 /* the judge's own */

#define PSCI_VERSION 0x84000000UL

/* All message registers get numbers of their own … */
void remember_registers(void);
/* … and have them still. */
void check_registers_are_as_they_were(const char *name);

/* The child executes this, and faults as it says. */
void let_still_execute(seL4_Uint32 instruction);

/* threads.c, messages.c */
void check_threads(void);
void check_messages(void);

#endif
