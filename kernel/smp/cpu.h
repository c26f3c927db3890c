/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-core state; TPIDR_EL2 points to the core's own. Under the core's lock (smp/lock.h), but for
 * the flags that lock.c owns.
 */
#ifndef SLUICE_KERNEL_SMP_CPU_H
#define SLUICE_KERNEL_SMP_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/limits.h"
#include "kernel/arch/arch.h"
#include "kernel/lib/list.h"
#include "kernel/timer/timer.h"

#define CPU_PRIORITIES  (ABI_MAX_PRIORITY + 1)
#define CPU_READY_WORDS ((CPU_PRIORITIES + 63) / 64)
#define CPU_NOBODY      (-1)

struct budget;
struct thread;
struct vcpu;

struct cpu {
    void *stack_top; /* first: vectors.S */
    unsigned int index;
    struct thread *current;  /* whose registers vectors.S saved; NULL: idle */
    struct thread *quick;    /* `current`, if its traps may take the short way (trap/fast.h) */
    struct thread *fp_owner; /* whose FP registers the core holds, or NULL */
    struct vcpu *vcpu;       /* whose EL1 and list registers the core holds, or NULL */
    struct thread *chosen;   /* who is to run, in no queue; NULL: the first of the queues, if any */
    struct thread *preempted; /* whom `chosen` preempted, before all queues; or NULL */
    int top;                  /* the highest priority of who is not chosen, or CPU_NOBODY */
    int queue_top;            /* the same without `preempted` */
    struct budget *payer;     /* who pays for the time since … ; NULL: nobody, it is free */
    uint64_t charged_until;   /* … this counter value */
    struct thread *trapped;   /* trap.c: whose trap the core is about to deal with */
    bool trap_is_void;     /* … and another core has stopped it or changed its registers since */
    bool turn_is_timed;    /* its timer ends the turn of who runs */
    bool in_kernel;        /* lock.c: it runs no thread */
    bool has_all;          /* lock.c: not only its own lock; always so if it is the only core */
    bool is_taken;         /* lock.c: its own lock is, by itself */
    bool evict_request;    /* lock.c: asked to put its registers into memory */
    bool has_peers;        /* the system has several cores */
    bool is_online;        /* boot: it has started */
    bool is_native;        /* EL1 registers are a program's, not a guest's */
    bool traps_fp;         /* as CPTR_EL2 is set */
    bool opens_timer;      /* is_native: EL0 has the EL1 physical timer */
    bool masks_timer;      /* the virtual timer's PPI is disabled */
    uint32_t acknowledged; /* an interrupt still to be dealt with, or GIC_SPURIOUS */
    bool traps_wfi;        /* as HCR_EL2 is set while `current` is a vCPU */
    struct timer_queue timers;
    uint64_t ready_bits[CPU_READY_WORDS]; /* which queues have threads */
    struct list_node *ready;              /* runnable threads by priority, but for the two above */
} __attribute__((aligned(256)));          /* cpus[i] is a shift away */

extern struct cpu cpus[ABI_MAX_CPUS];

static inline struct cpu *cpu_local(void)
{
    return arch_cpu_local();
}

/* On the boot core, for each core. */
void cpu_init(unsigned int index);
/* On the core itself: whether the use of FP registers traps. */
void cpu_trap_fp(struct cpu *cpu, bool trap);
/* On the core itself, between programs: whether EL0 has the EL1 physical timer. */
void cpu_open_timer(struct cpu *cpu, bool open);
/* On the core itself: nobody's FP registers are left on it. */
void cpu_drop_fp(struct cpu *cpu);
/* On the core itself, first thing after the MMU is on. */
void cpu_start(unsigned int index);

#endif
