/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's model test: the kernel's own C code, on a machine of one to four cores that are
 * coroutines. They change places wherever real ones could be overtaken (model_yield), random
 * programs and guests run on them, and what must hold is looked at whenever the lock is given back
 * (docs/model.md).
 *
 * All that is random comes from choose(), so that a run is its seed, or a fuzzer's input.
 */
#ifndef SLUICE_TESTS_MODEL_MODEL_H
#define SLUICE_TESTS_MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/pd/pd.h"
#include "kernel/vcpu/vcpu.h"

#define MODEL_CORES   4
#define MODEL_PDS     8
#define MODEL_VCPUS   4
#define MODEL_STAGE2  0x100000UL /* times one and more: address spaces of guests */
#define MODEL_THREADS (MODEL_PDS + MODEL_VCPUS)
#define MODEL_IRQS    6
/* Of the interrupts, the one that wakes a system in which all sleep, and is never bound; and the
 * one that may be the EL1 physical timer's. */
#define MODEL_ALARM_IRQ 0
#define MODEL_TIMER_IRQ 1
#define MODEL_SPI       40     /* the INTID of the first of them */
#define MODEL_OVERRUN   2000UL /* what a turn may take longer, with the jumps that time makes */
#define MODEL_NEVER     UINT64_MAX
#define MODEL_SGIR      0x8000f00UL /* where guests with a GICv2 have GICD_SGIR */
#define MODEL_CHANNELS  8           /* of a PD to others; its interrupts' come behind */

/* ---- Choices: main.c ---- */

/* Below `limit`, which is not zero. */
uint32_t choose(uint32_t limit);
/* Once in so many times. */
static inline bool once_in(uint32_t times)
{
    return choose(times) == 0;
}

/* What happens is kept for the report of a failure, and printed at once with --trace. */
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The run is over: something does not hold. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The run is over: it has made its steps. */
_Noreturn void finish(void);
#define require(condition, ...) ((condition) ? (void)0 : fail(__VA_ARGS__))

/* ---- The machine: machine.c ---- */

enum core_place {
    PLACE_KERNEL,
    PLACE_USER,  /* EL0 or EL1 */
    PLACE_SLEEP, /* WFI at EL2 */
    PLACE_EVENT, /* WFE */
};

enum trap {
    TRAP_NONE,
    TRAP_SVC,
    TRAP_ABORT,
    TRAP_REGISTER,
    TRAP_SYNC,
    TRAP_SERROR,
    TRAP_INTERRUPT,
};

struct core {
    unsigned int index;
    enum core_place place;
    void *local;           /* TPIDR_EL2 */
    struct thread *thread; /* SP_EL2 while a thread runs */
    struct arch_frame live;
    bool is_in_fast;        /* a system call, and has not said yet what it does … */
    struct thread *answers; /* … to whom, if it answers */
    uint64_t elr;
    uint64_t tpidr_el0, tpidrro_el0;
    uint64_t fp; /* V0, for all of them */
    bool has_started, traps_fp, traps_wfi, is_guest, is_event;
    uint64_t stage2;
    const struct arch_vcpu *loaded;           /* whose EL1 registers these are */
    const struct arch_vcpu *tlb[MODEL_VCPUS]; /* of each VMID: whose stage 1 the TLB may hold */
    uint64_t el1;   /* TPIDR_EL1, for all that move when the vCPU changes … */
    uint64_t sctlr; /* … and for those that move with each exit */
    uint64_t cntv_ctl, cntv_cval, cntvoff;
    uint64_t hyp_deadline;     /* CNTHP */
    uint64_t program_deadline; /* CNTP, which EL0 may reach … */
    bool opens_timer;          /* … now */
    uint64_t syndrome, far, ipa;
    unsigned int kernel_work; /* device accesses since a thread ran here: a loop without end */
    bool waits_for_interrupt; /* a guest in WFI */
    struct thread *last;      /* who ran here, while an equal waited: */
    bool has_equal;
    uint64_t turn;
    uint64_t user_since;
    struct budget *user_payer;
    uint64_t charged_until; /* by whomever */
    uint64_t unpaid;        /* … of the span that has just ended */
};

extern struct core cores[MODEL_CORES];
extern unsigned int core_count;
extern struct core *here; /* whose turn it is */
extern uint64_t now;      /* the counter */
extern unsigned int steps_left;

/* Another core may take its turn; time passes, devices raise interrupts. */
void model_yield(void);
/* The same at some of the places. */
void model_may_yield(void);
/* Sets the cores up, and runs until fail() or finish(). */
void machine_run(void);
void machine_reset(void);
/* An instruction of a program or guest. */
void machine_note_step(void);
/* Has the virtual timer's line. */
bool machine_virtual_timer(const struct core *core);

/* ---- Entry and return: vectors.c ---- */

/* Runs `thread` on `here`, and whoever the kernel returns to, for good. */
_Noreturn void vectors_run(struct thread *thread);

/* ---- The system: system.c ---- */

/* Random PDs, vCPUs, channels and interrupts; as after boot. */
void system_make(void);
void system_start(void);
extern struct image_irq model_irqs[MODEL_IRQS];
extern unsigned int model_irq_count;
extern bool model_is_hostile; /* VMMs inject what no guest could have */
extern uint64_t ipc_buffers[MODEL_PDS][512];

/* ---- What should be: ghost.c ---- */

struct ghost {
    struct arch_frame frame; /* what the thread has in its registers */
    bool is_known;           /* … since it ran first */
    bool is_moved;           /* its pc was written since it ran */
    uint64_t tpidr_el0, tpidrro_el0, fp;
    uint64_t el1, sctlr, cntv_ctl, cntv_cval, cntvoff;
    uint32_t sent_to[MODEL_CHANNELS], received[MODEL_CHANNELS]; /* PD: signals, by channel */
    uint32_t injected[ABI_VCPU_SLOTS]; /* vCPU: and not yet told to have ended, by slot */
    uint32_t taken[32];                /* vCPU: which interrupt, by the active priority */
    uint64_t owed; /* PD: notification bits that were signalled and not received */
    /* What the program is about: programs.c, guests.c */
    uint64_t badge, info;
    bool has_event, owes_reply, in_receive, may_have_received;
    unsigned int stage;
    /* Its protected call: what it sent, and what it was answered */
    bool in_call, is_answered;
    uint64_t sent, answer, answer_info;
    uint64_t said;         /* … without waiting for an answer, and … */
    bool in_send;          /* … nobody has received it yet */
    bool is_one_way;       /* such a message it receives, and … */
    uint64_t heard;        /* … that is in it */
    bool may_find_nothing; /* it does not wait for it */
};

struct ghost *ghost_of(const struct thread *thread);
unsigned int thread_index(const struct thread *thread);
const char *thread_label(const struct thread *thread);
void ghost_reset(void);
/* The thread is at EL0 or EL1 of `here`: what it has must be what it should have. */
void ghost_arrive(void);
/* What it has changed itself since. */
void ghost_note(void);
/* It leaves: a trap has been taken. */
void ghost_depart(enum trap trap);
/* The SVC that `pd` made has been performed on the short way; it could answer `answers` before. */
void ghost_fast_done(struct pd *pd, uint64_t number, const uint64_t *argument,
                     struct thread *answers);
/* Budgets: whatever ran has paid when `here` returns from the long way. */
void ghost_check_paid(void);

/* ---- What programs should have of each other: messages.c ---- */

/* `thread` goes on: with what it waited for. */
void messages_arrive(struct thread *thread, struct ghost *ghost);
/* The system call `number` is one that receives. */
bool messages_receives(uint64_t number);
/* It is performed now; `answers`: whom the program may answer. */
void messages_before(struct pd *pd, uint64_t number, const uint64_t *argument,
                     struct thread *answers);

/* ---- Programs and guests ---- */

/* One instruction; TRAP_NONE: it did not trap. */
enum trap program_step(struct pd *pd);
enum trap guest_step(struct vcpu *vcpu);

#endif
