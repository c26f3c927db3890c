/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread is what a core runs: the one of a protection domain, or a virtual CPU. struct pd and
 * struct vcpu embed it as their first member. It stays on the core that the image names.
 *
 * Owner: the core it is pinned to. frame and fp hold its registers whenever the kernel runs
 * (fp: unless it is the core's fp_owner).
 */
#ifndef SLUICE_KERNEL_PD_THREAD_H
#define SLUICE_KERNEL_PD_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/limits.h"
#include "kernel/arch/frame.h"
#include "kernel/lib/list.h"
#include "kernel/timer/budget.h"
#include "kernel/timer/timer.h"

struct pd;

enum thread_kind {
    THREAD_PD,
    THREAD_VCPU,
};

enum thread_state {
    THREAD_STOPPED,   /* not started, suspended, or a root PD after a fault */
    THREAD_RUNNABLE,  /* runs, or waits for its core */
    THREAD_RECEIVING, /* PD: waits for a notification, call or fault */
    THREAD_SENDING,   /* in the sender queue of a PD: a call or a fault, not yet received */
    THREAD_REPLY,     /* received: a PD holds the right to answer */
    THREAD_IDLE,      /* vCPU: in WFI until a virtual interrupt or its timer */
    THREAD_DEPLETED,  /* would run, but its budget is used up until `wake` */
};

#define THREAD_FAULT_WORDS 13

/* What a blocked sender says: a fault, or a protected call whose words are in its IPC buffer. */
struct thread_message {
    uint64_t info;  /* message info; a fault's label is its kind (abi/fault.h) */
    uint64_t badge; /* what the receiver sees */
    bool is_fault;
    uint64_t words[THREAD_FAULT_WORDS]; /* of a fault */
};

/* What a suspended thread does first when it is resumed. */
enum thread_resume {
    THREAD_RESUME_RUN,
    THREAD_RESUME_RECEIVE, /* it was suspended while it waited: it waits again */
    THREAD_RESUME_CALL,    /* … during a protected call: it calls again */
};

/* Of SDK configuration "benchmark": sched/account.h. */
struct thread_account {
    uint32_t period;
    uint64_t time;
    uint64_t schedules;
    uint64_t kernel;
    uint64_t entries;
};

struct thread {
    struct arch_frame frame; /* first: vectors.S */
    uint64_t tpidr_el0;      /* these two while it is not current */
    uint64_t tpidrro_el0;
    struct arch_fp fp;
    enum thread_kind kind;
    enum thread_state state;
    uint8_t priority;
    uint8_t maximum; /* of the priorities that it may give */
    uint8_t cpu;
    bool fpu;        /* may use FP registers */
    bool owns_timer; /* may use the EL1 physical timer: the interrupt is its own */
    const char *name;
    uint64_t error;    /* SError that its accesses brought, and that it is not charged with yet */
    uint64_t stage2;   /* its address space, as arch_enter_*() take it */
    struct budget own; /* its share of the core … */
    struct budget *payer; /* … and whose it uses: a passive server runs on its caller's */

    struct list_node link; /* run queue while RUNNABLE and not chosen, sender queue while SENDING */
    struct timer wake;     /* runs while IDLE or DEPLETED */
    struct list_node ward; /* vCPU: in its VMM's `wards` */
    struct pd *handler;    /* gets its faults; NULL: reported, and it stops */
    uint64_t fault_badge;  /* what the handler then sees */
    struct pd *peer;       /* SENDING: in whose queue; REPLY: to whom; then who may answer */
    struct pd *callee;     /* of its last protected call */
    enum thread_resume resume;
    struct thread_message message;
    struct thread_account account;
    char given_name[ABI_NAME_LENGTH]; /* by a program: thread_rename() */
} __attribute__((aligned(16)));

/* At most ABI_NAME_LENGTH - 1 characters of `from`, and zeroes up to that length. */
void thread_copy_name(char *to, const char *from);
/* From now on it is called by this text, as far as that goes, and as far as it can be printed. */
void thread_rename(struct thread *thread, const char *text);

/* A vCPU runs at EL1h, EL1t or EL0t in AArch64 state, or at EL0 in AArch32 state if the core has
 * that; a PD at EL0t, whatever a program asks for (the first of the three shut doors; design.md,
 * decision 3). */
bool thread_may_have_spsr(const struct thread *thread, uint64_t value);
/* What its SPSR_EL2 becomes if `value` is asked for: what it is, if it may not have that. */
uint64_t thread_safe_spsr(const struct thread *thread, uint64_t value);

#endif
