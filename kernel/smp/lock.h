/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several cores. Each has a lock of its own, and there is one for all of them.
 *
 * A core's lock is over what is the core's: its struct cpu, the threads that are on it (struct
 * thread.cpu), with their budgets and timers, and the interrupts that go to them. Nobody but the
 * core takes it, after it has saved the registers of who ran, or some of them; and while it has no
 * other lock it waits for nothing. What a core does for itself needs no more: an interrupt bound to
 * one of its vCPUs or for one of its programs, its timers, WFI, signals and calls among its
 * programs.
 *
 * The lock for all is over everything. While a core has it no other one takes its own, and who
 * takes it waits until those that are taken come free. So the order is: first the lock for all,
 * then the cores'. Who has its core's and needs all gives that back first, and others come in
 * between; or it takes all if that is free just now, and waits for no one else who has it.
 *
 * Without any lock:
 *
 * - struct cpu.in_kernel, which a core sets before it asks for a lock. Whoever holds all and sees
 * it set knows that the core runs no thread: the registers are in its struct thread.
 * - What only the core itself can reach (EL1, list and FP registers): the holder of all asks it to
 *   put them into memory, and the core does so while it waits for a lock.
 * - SGIs between vCPUs of one VM (vcpu/sgi_box.h).
 * - What the image says, which does not change.
 *
 * With one core none of this costs more than a test.
 *
 * A core that wants all waits while others have all SMP_PATIENCE times, and then at most once for
 * each of them that waits as long; and each time for what the other cores do for themselves just
 * then, all at once. One that wants its own asks for all if another has that, so the bound is
 * the same: that is what one core can cost another, each time that the other enters
 * (docs/performance.md has how long a pass is), and an interrupt where something is to run or to
 * stop there.
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

/* Entry: the thread's registers are saved. All is the core's. */
void smp_enter(struct cpu *cpu);
/* The same for what a core does for itself: it has its own lock, or all (cpu->has_all). */
void smp_enter_alone(struct cpu *cpu);
/* After smp_enter_alone(), with the core's own lock: all, from now on. Others may have changed
 * everything meanwhile, and taken this core's registers into memory. */
void smp_take_all(struct cpu *cpu);
/* Exit: what it has is given back; `idle`: the core runs no thread until it enters again. */
void smp_leave(struct cpu *cpu, bool idle);

/* Entry before all registers are saved, with the core's own lock: false, and nothing has changed,
 * if another core has all. While a core holds it in this way the others see it run its
 * thread. */
bool smp_try_enter(struct cpu *cpu);
/* Exit after smp_try_enter(), to the thread whose registers are on the core. */
void smp_leave_quickly(void);

/* After smp_try_enter(): all besides, until smp_give_all_back(), and what the core has of its own
 * stays its own all the time. False: another core has all, or is first in the line for it, which is
 * not waited for. */
bool smp_try_take_all(struct cpu *cpu);
void smp_give_all_back(struct cpu *cpu);

/* Makes a core that is not this one look at its run queue soon. */
void smp_kick(const struct cpu *cpu);
/* Returns when the core runs no thread: its current thread's registers are saved. */
void smp_stop_core(unsigned int cpu);
/* The same, and nobody's EL1, list or FP registers are left on it. */
void smp_evict_core(unsigned int cpu);

#endif
