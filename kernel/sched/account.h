/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accounts of who used the cores: for SDK configurations "benchmark" (IMAGE_BENCHMARK), in which
 * all traps go the long way (arch_trap_slowly) and pass here. Times are cycles of the core's
 * PMCCNTR_EL0, which programs of such systems may reset: the span in which that happens counts from
 * then.
 *
 * A thread's time includes the kernel's on its behalf: from its trap until another thread, or
 * nobody, is chosen. Between reset and finalize; under the lock for all.
 */
#ifndef SLUICE_KERNEL_SCHED_ACCOUNT_H
#define SLUICE_KERNEL_SCHED_ACCOUNT_H

#include "kernel/pd/thread.h"
#include "kernel/smp/cpu.h"

extern bool account_is_on; /* set once at boot */

void account_reset(void);
void account_finalize(void);
void account_reset_thread(struct thread *thread);
/* Fills words[] by enum abi_account. */
void account_read(const struct thread *thread, uint64_t *words);

/* The core has entered the kernel, or leaves it for its current thread. */
void account_enter(struct cpu *cpu);
void account_leave(struct cpu *cpu);
/* `cpu->current` is about to become `next`; NULL: idle. */
void account_switch(struct cpu *cpu, struct thread *next);

#endif
