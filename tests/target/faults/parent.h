/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two halves of the parent share: parent.c, and cases.c for its first steps. */
#ifndef SLUICE_TESTS_TARGET_FAULTS_PARENT_H
#define SLUICE_TESTS_TARGET_FAULTS_PARENT_H

#include "tests/target/faults/shared.h"
#include "tests/target/lib/check.h"

#define CHILD          7
#define NOFP           61
#define CHILD_TCB      (BASE_TCB_CAP + CHILD)
#define SPSR_MODE_DAIF 0x3dfUL

/* Restarts the child at its first instruction, to do as it is told. */
void restart(enum command command);
/* Ends the step that runs and begins the one behind it. */
void next_step(void);

/* Every way to fault, and what its message says; then the one way that takes a child without FP. */
void begin_cases(void);
bool case_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply);
void begin_nofp(void);
bool nofp_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply);

#endif
