/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU 0 has the others do something, one command at a time, and looks at what came of it. */
#ifndef SLUICE_TESTS_SGI_H
#define SLUICE_TESTS_SGI_H

#include "tests/system/vgic/vgic.h"

#define CPUS 3

enum command {
    IDLE,
    SEND,  /* argument: what GICD_SGIR, or ICC_SGI1R_EL1, gets */
    TAKE,  /* -> IAR */
    END,   /* argument: what IAR was */
    SLEEP, /* WFI until there is something -> IAR, which it ends */
    COUNT, /* argument: how often it sleeps, each time until CPU 0 says that it has sent */
    READ,  /* argument: an address -> the byte there, or the word */
    CLEAR, /* argument: an address, of a byte that gets 0xff, or a word that gets bit 5 */
    OFF,   /* it is there no more */
};

/* In a loop that waits for another CPU: an emulator with one thread for all goes on with that. */
static inline void relax(void)
{
    __asm__ volatile("yield" : : : "memory");
}

/* main.c */

/* CPU `cpu` does it; the result. */
uint64_t ask(unsigned int cpu, enum command command, uint64_t argument);
/* The same, and CPU 0 goes on meanwhile; its result. */
void start_asking(unsigned int cpu, enum command command, uint64_t argument);
uint64_t wait_for(unsigned int cpu);
/* It starts, with its CPU interface on. */
void turn_on(unsigned int cpu);
/* Where CPU `cpu` has the registers of its SGIs, as it sees them itself. */
uint64_t own_frame(unsigned int cpu);
/* How often CPU `cpu` has come back in COUNT. */
uint64_t count_of(unsigned int cpu);

/* What SGI `intid` to the CPUs `targets`, a bit for each, takes; to all others; and what IAR then
 * has of it. */
uint64_t to(unsigned int targets, unsigned int intid);
uint64_t to_others(unsigned int intid);
uint64_t from(unsigned int source, unsigned int intid);

/* checks.c */
void checks_all(void);

#endif
