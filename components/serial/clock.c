/* SPDX-License-Identifier: BSD-2-Clause */
/* See clock.h. Instructions alone: tests have a clock of their own. */
#include "components/serial/clock.h"

#define CNTP_CTL_ENABLE 1UL

uint64_t clock_now(void)
{
    uint64_t now;

    /* The ISB keeps the counter from being read before what comes first in the program. */
    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(now) : : "memory");
    return now;
}

uint64_t clock_frequency(void)
{
    uint64_t frequency;

    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency;
}

void clock_set_alarm(uint64_t when)
{
    __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
                     :
                     : "r"(when), "r"(CNTP_CTL_ENABLE));
}

void clock_clear_alarm(void)
{
    __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb");
}
