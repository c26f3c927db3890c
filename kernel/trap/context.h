/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread's registers in the order of seL4_UserContext (contract.md, section 5). */
#ifndef SLUICE_KERNEL_TRAP_CONTEXT_H
#define SLUICE_KERNEL_TRAP_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/pd/thread.h"

/* The first `count` words, at most ABI_CONTEXT_WORDS; the thread is not current. */
void context_read(const struct thread *thread, uint64_t *words, uint64_t count);
/* False: the mode that the words ask for is not one of its (thread_may_have_spsr()). */
bool context_may_write(const struct thread *thread, const uint64_t *words, uint64_t count);
void context_write(struct thread *thread, const uint64_t *words, uint64_t count);

#endif
