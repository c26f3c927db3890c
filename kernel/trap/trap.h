/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries to the kernel. vectors.S calls the three trap_ functions on the core's stack with the
 * thread whose registers it saved, and returns to the thread that they return.
 */
#ifndef SLUICE_KERNEL_TRAP_TRAP_H
#define SLUICE_KERNEL_TRAP_TRAP_H

#include "abi/syscall.h"
#include "kernel/pd/pd.h"
#include "kernel/smp/cpu.h"

struct thread *trap_sync(struct thread *current);
struct thread *trap_interrupt(struct thread *current);
struct thread *trap_serror(struct thread *current);

/* fast.c: a program's SVC, of which only the registers that C functions clobber are saved yet.
 * NULL: nothing was done, and trap_sync() is to do it. `current`: it goes on. Another thread: all
 * is ready for that one, but the rest of current's registers is to be saved. TRAP_FAST_LOCKED is
 * set in the pointer if the lock must be given back after that; alone it means that trap_finish()
 * chooses. */
struct thread *trap_fast(struct thread *current);
#define TRAP_FAST_LOCKED 1UL
struct thread *trap_finish(struct thread *current);

/* fast_fault.c: the same for a data abort, and trap_sync(). */
struct thread *trap_fast_abort(struct thread *current);

/* fast_sgi.c: the same for an access to a system register. Of it and of the abort all general
 * registers are saved. */
struct thread *trap_fast_register(struct thread *current);
/* Of an abort at GICD_SGIR. */
struct thread *trap_fast_store(struct thread *current, uint64_t syndrome);

/* fast_guest.c: the same for a physical interrupt, and trap_interrupt(). */
struct thread *trap_fast_interrupt(struct thread *current);

/* trap.c: the thread is about to run, and has an error (struct thread.error): it faults instead. */
void trap_charge_error(struct thread *thread);
/* exit.c: chooses who runs next and makes the core ready for it. */
struct thread *trap_exit(struct cpu *cpu);
/* interrupt.c: deals with every physical interrupt that is pending on the core. */
void interrupt_handle(struct cpu *cpu);
/* The core has acknowledged it and cannot deal with it now: it comes again. Or, where it is nothing
 * that stays active, the next interrupt_handle() has it. */
void interrupt_defer(struct cpu *cpu, uint32_t intid);
/* syscall.c: SVC of a PD. */
void syscall_handle(struct pd *pd);

/* debug.c: the character in x0 goes to the debug console. */
void debug_putc(struct pd *pd);

/* cap.c: what capability numbers mean; NULL: the PD holds no such capability. */
struct thread *cap_thread(const struct pd *pd, uint64_t cap);
struct vcpu *cap_vcpu(const struct pd *pd, uint64_t cap);
/* Whose address space it is. */
const struct thread *cap_vspace(const struct pd *pd, uint64_t cap);
/* Whose time it is. */
struct thread *cap_sched_context(const struct pd *pd, uint64_t cap);
/* What it is, as seL4 numbers the types of capabilities; 0: none. */
uint64_t cap_identify(const struct pd *pd, uint64_t cap);
/* The PD's channel that `cap`, counted from `base`, names, if it is of this kind. */
const struct image_channel *cap_channel(const struct pd *pd, uint64_t cap, uint64_t base,
                                        enum image_channel_kind kind);

#endif
