/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of the debug console - the kernel's lines and what programs print - for the program that
 * has the console's UART: a driver, which would otherwise find it between its own output. That
 * program asks for it, and from then on reads it from a buffer; when it stops by a fault, text goes
 * to the UART again, its fault report first. Under the lock for all.
 */
#ifndef SLUICE_KERNEL_IPC_DEBUGLOG_H
#define SLUICE_KERNEL_IPC_DEBUGLOG_H

#include <stdint.h>

#include "kernel/pd/pd.h"

/* From now on `pd` gets the text, and its notification `channel` is signalled with each line. */
void debuglog_take(struct pd *pd, unsigned int channel);
/* At most `size` bytes of what waits; returns how many. */
uint64_t debuglog_read(char *to, uint64_t size);
/* `pd` runs no more: if the text went to it, what waits goes to the console, and all that follows.
 */
void debuglog_leave(const struct pd *pd);

#endif
