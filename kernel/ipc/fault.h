/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults: the thread blocks, and who handles it gets a message. A root PD has no handler: the
 * fault is reported on the debug console in one block, and the PD stays stopped.
 */
#ifndef SLUICE_KERNEL_IPC_FAULT_H
#define SLUICE_KERNEL_IPC_FAULT_H

#include "abi/fault.h"
#include "kernel/pd/thread.h"

/* The thread is runnable; its pc is where it goes on after an answer. */
void fault_vm(struct thread *thread, uint64_t address, bool prefetch, uint64_t syndrome);
void fault_unknown_syscall(struct thread *thread);
void fault_user_exception(struct thread *thread, uint64_t number, uint64_t code);
void fault_software_break(struct thread *thread);
/* A call to a capability that the PD does not hold, or a wrapper's error. */
void fault_cap(struct thread *thread, uint64_t cap);
/* VCPUFault, VGICMaintenance and VPPIEvent carry one word. */
void fault_one_word(struct thread *thread, enum abi_fault fault, uint64_t word);

#endif
