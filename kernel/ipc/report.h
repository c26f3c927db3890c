/* SPDX-License-Identifier: BSD-2-Clause */
/* The block on the debug console that says why a root PD stopped. */
#ifndef SLUICE_KERNEL_IPC_REPORT_H
#define SLUICE_KERNEL_IPC_REPORT_H

#include "kernel/pd/thread.h"

/* `thread->message` is its fault. */
void report_fault(const struct thread *thread);

#endif
