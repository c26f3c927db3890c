/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine as host tests see it: what kernel code asked of it is recorded, and what it reads
 * is set by the test.
 */
#ifndef SLUICE_KERNEL_ARCH_HOST_HOST_H
#define SLUICE_KERNEL_ARCH_HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

struct host_machine {
    void *cpu;
    uint64_t counter; /* arch_counter() */
    uint64_t timer;   /* deadline that is set, or UINT64_MAX */
    uint64_t syndrome;
    uint64_t fault_address;
    uint64_t fault_ipa;
    uint64_t fault_pc;
    uint64_t virtual_control;
    uint64_t virtual_deadline;
    bool traps_wfi;
    bool traps_fp;
    unsigned int smc_count;
    uint64_t smc_function; /* x0 of the last one */
    unsigned int stage2_syncs;
    unsigned int bounds;              /* calls of arch_bound() */
    void (*wait_for_interrupt)(void); /* or NULL */
};

extern struct host_machine host;

void host_reset(void);

#endif
