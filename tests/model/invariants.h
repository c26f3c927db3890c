/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold: invariants.c has threads, invariants_irq.c interrupts. */
#ifndef SLUICE_TESTS_MODEL_INVARIANTS_H
#define SLUICE_TESTS_MODEL_INVARIANTS_H

/* The lock is given back; or there is one core, and it returns. */
void invariants_check(void);
void invariants_check_interrupts(void);

#endif
