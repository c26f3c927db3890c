/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine as host tests see it: what kernel code asked of it is recorded, and what it reads
 * is set by the test.
 */
#ifndef SLUICE_KERNEL_ARCH_HOST_HOST_H
#define SLUICE_KERNEL_ARCH_HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/arch/arch.h"

/* Maintenance, barriers and what they have to stand before or behind, in the order in which it was
 * asked for. */
enum host_event {
    HOST_COLLECT_ERROR,
    HOST_ENTER_NATIVE,
    HOST_ENTER_OTHER_NATIVE,
    HOST_ENTER_GUEST,
    HOST_LEAVE_GUEST,
    HOST_VCPU_SAVE,
    HOST_VCPU_LOAD,
    HOST_STAGE2_FORGET,
    HOST_STAGE2_SYNC,
    HOST_CACHE_CLEAN_ALL,
    HOST_CACHE_CLEAN,
    HOST_CACHE_CLEAN_SET_WAY,
    HOST_MMU_MAP,
    HOST_MMU_ENABLE,
    HOST_ZERO_RANGE,
    HOST_ZERO_DONE,
    HOST_SYNC_INSTRUCTIONS,
};

#define HOST_EVENTS 64

struct host_record {
    enum host_event event;
    uint64_t value; /* a stage 2, or where a range starts */
};

struct host_cache {
    uint64_t paddr;
    uint64_t size;
    enum arch_cache operation;
};

struct host_machine {
    void *cpu;
    uint64_t mpidr;
    uint64_t counter; /* arch_counter() */
    uint64_t timer;   /* deadline that is set, or UINT64_MAX */
    uint64_t syndrome;
    uint64_t error; /* what arch_take_error() gives next, once */
    uint64_t fault_address;
    uint64_t fault_ipa;
    uint64_t fault_pc;
    uint64_t virtual_control;
    uint64_t virtual_deadline;
    uint64_t features[8][8]; /* by CRm and op2 */
    bool traps_wfi;
    bool traps_fp;
    bool opens_timer;
    bool lacks_aarch32;
    unsigned int smc_count;
    uint64_t smc_function;                  /* x0 of the last one */
    struct host_record events[HOST_EVENTS]; /* what came later is not recorded */
    unsigned int event_count;
    struct host_cache cache;   /* the last arch_cache_maintain() */
    uint64_t gicd, gicc, gich; /* gic.c: a GICv2's registers, or 0: there is none of either */
    uint64_t gic_type;         /* arch_gic_vtr() */
    bool lists_are_stale;      /* list registers were written, and arch_gic_sync() is due */
    unsigned int bounds;       /* calls of arch_bound() */
    void (*wait_for_interrupt)(void); /* or NULL */
};

extern struct host_machine host;

void host_reset(void);

/* What the list register of a GICv2 has instead of a GICv3's. */
uint32_t host_list_of_v2(uint64_t value);

#endif
