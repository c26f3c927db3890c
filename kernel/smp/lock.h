/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several cores. The kernel has one lock: a core takes it after it has saved the registers of who
 * ran, and gives it back before it returns. All kernel state is the holder's, but for:
 *
 * - struct cpu.in_kernel, which a core sets before it asks for the lock. Whoever holds the lock
 *   and sees it set knows that the core runs no thread: the registers are in its struct thread.
 * - What only the core itself can reach (EL1, list and FP registers): the holder asks it to put
 *   them into memory, and the core does so while it waits for the lock.
 *
 * With one core none of this costs more than a test. There is no other lock, so no lock order.
 *
 * A core that enters the kernel waits while others have the lock SMP_PATIENCE times, and then at
 * most once for each of them that waits as long: that is what one core can cost another, each time
 * that the other enters (docs/performance.md has how long a pass is), and an interrupt where
 * something is to run or to stop there.
 */
#ifndef SLUICE_KERNEL_SMP_LOCK_H
#define SLUICE_KERNEL_SMP_LOCK_H

#include <stdbool.h>

#include "kernel/smp/cpu.h"

#define SMP_PATIENCE 4

struct thread;

/* What a core can be asked to do for the holder of the lock; sets once at boot. */
typedef void (*smp_service_t)(struct cpu *cpu);
void smp_init(unsigned int cpu_count, smp_service_t evict);

/* Entry: the thread's registers are saved. */
void smp_enter(struct cpu *cpu);
/* Exit: the lock is given back; `idle`: the core runs no thread until it enters again. */
void smp_leave(struct cpu *cpu, bool idle);

/* Entry before all registers are saved: false, and nothing has changed, unless the lock is free.
 * While a core holds it in this way the others see it run its thread. */
bool smp_try_enter(void);
/* Exit after smp_try_enter(), to the thread whose registers are on the core. */
void smp_leave_quickly(void);
/* After smp_try_enter(), instead of that: the lock stays until the core's next smp_enter(), which
 * it goes to at once. What it did so far needs another step that nobody may come before. */
void smp_keep(struct cpu *cpu);

/* Makes a core that is not this one look at its run queue soon. */
void smp_kick(const struct cpu *cpu);
/* Returns when the core runs no thread: its current thread's registers are saved. */
void smp_stop_core(unsigned int cpu);
/* The same, and nobody's EL1, list or FP registers are left on it. */
void smp_evict_core(unsigned int cpu);

#endif
