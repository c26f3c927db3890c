/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One thread of each run, and one core's struct cpu, are watched: nothing of them changes but by
 * who has their core's lock, or all (kernel/smp/lock.h).
 */
#ifndef SLUICE_TESTS_MODEL_WATCH_H
#define SLUICE_TESTS_MODEL_WATCH_H

/* The system has been made. */
void watch_begin(void);
/* Before cores change places: what `here` has changed since. */
void watch_check(void);

#endif
