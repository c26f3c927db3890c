/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications: bits in the one word that each PD has. Signals of one channel coalesce. */
#ifndef SLUICE_KERNEL_IPC_NOTIFY_H
#define SLUICE_KERNEL_IPC_NOTIFY_H

#include <stdint.h>

#include "kernel/pd/pd.h"

/* Hands the notification word, not zero, to its PD, which receives. */
void notify_take(struct pd *pd);

/* A passive PD's own time, and core, are for what comes from nobody who waits for it. */
void notify_come_home(struct pd *pd);

/* Sets `bits`; a PD that waits gets them at once. */
void notify_signal(struct pd *pd, uint64_t bits);

#endif
