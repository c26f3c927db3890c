/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical counter, and the EL1 physical timer of a program that has its interrupt, INTID 30.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_CLOCK_H
#define SLUICE_COMPONENTS_SERIAL_CLOCK_H

#include <stdint.h>

/* CNTPCT_EL0. */
uint64_t clock_now(void);
/* Its ticks in a second. */
uint64_t clock_frequency(void);
/* The timer's interrupt comes when the counter reaches `when`: at once, if it has. */
void clock_set_alarm(uint64_t when);
/* The timer's interrupt does not come any more. */
void clock_clear_alarm(void);

#endif
