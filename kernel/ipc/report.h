/* SPDX-License-Identifier: BSD-2-Clause */
/* The block on the debug console that says why a root PD stopped, a line at a time. */
#ifndef SLUICE_KERNEL_IPC_REPORT_H
#define SLUICE_KERNEL_IPC_REPORT_H

#include <stdbool.h>

#include "kernel/pd/pd.h"

/* `pd->thread.message` is its fault, and `ward` a vCPU that was stopped with it, or NULL. What is
 * said is what they are now. If its last report is still due, this one takes its place. */
void report_fault(const struct pd *pd, const struct thread *ward);

/* More lines are to come: programs' text waits until then. */
bool report_is_due(void);
/* … and the console has nothing else to send. */
bool report_is_ready(void);
/* The next line, if that is so, or as much of the text before as the UART has room for; true: more
 * waits. At each way out of the kernel, before it is chosen who runs, as a line may wake who reads
 * the console. */
bool report_drain(void);
/* All that waits is printed, and has gone to the UART: the machine stops. */
void report_flush(void);

#endif
