/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two halves of the VMM share: vmm.c, and registers.c for its last steps. */
#ifndef SLUICE_TESTS_TARGET_VCPU_VMM_H
#define SLUICE_TESTS_TARGET_VCPU_VMM_H

#include "tests/target/lib/check.h"
#include "tests/target/vcpu/payload.h"

#define VCPU      3
#define SECOND    4
#define TCB       (BASE_VM_TCB_CAP + VCPU)
#define TICK      milliseconds(10)
#define ENTRY(n)  (RAM + (seL4_Word)(n)*ENTRY_SIZE)
#define HSR_EC    26
#define SPSR_MODE 0x1fUL
#define SPSR_EL1H 5

extern unsigned int faults_seen; /* in this step */

/* A word that the guest writes. */
volatile seL4_Word *data(unsigned int word);
void read_context(seL4_UserContext *context);
void write_context(seL4_UserContext *context);
/* The answer to an HVC with which the guest goes on behind it; for fault() to return. */
bool resume_hvc(microkit_msginfo *reply);
/* Ends the step that runs and begins the one behind it. */
void next_step(void);

/* Steps of registers.c. */
bool fp_fault(seL4_Word label, microkit_msginfo *reply);
void begin_dump(void);
bool dump_fault(seL4_Word label, microkit_msginfo *reply);
void begin_second(void);
bool second_fault(seL4_Word label, microkit_msginfo *reply);
void begin_set(void);
bool set_fault(seL4_Word label, microkit_msginfo *reply);
void begin_spin(void);
void spin_timer(void);
void begin_user(void);
bool user_fault(seL4_Word label, microkit_msginfo *reply);

#endif
