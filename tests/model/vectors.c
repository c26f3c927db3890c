/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry and return, step by step as arch/aarch64/vectors.S has them; registers of the thread that
 * runs are the core's until they are stored, one group after the other. And what runs between two
 * entries: one instruction after the other.
 */
#include "tests/model/gic.h"
#include "tests/model/invariants.h"

#include <string.h>

#include "kernel/sched/account.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/trap.h"

typedef struct thread *(*handler_t)(struct thread *current);

/* x0..x17 */
static void save_low(struct thread *thread)
{
    memcpy(thread->frame.x, here->live.x, 18 * sizeof(uint64_t));
}

static void save_high(struct thread *thread)
{
    memcpy(&thread->frame.x[18], &here->live.x[18], 12 * sizeof(uint64_t));
}

static void save_rest(struct thread *thread)
{
    model_may_yield();
    thread->frame.sp = here->live.sp;
    thread->frame.pc = here->elr;
    thread->frame.spsr = here->live.spsr;
}

/* Nothing of the thread is on the core but in its frame: what is read before it is stored is. */
static void forget(void)
{
    memset(&here->live, 0xee, sizeof(here->live));
}

static struct thread *enter_slowly(struct thread *thread, handler_t slow)
{
    save_low(thread);
    model_may_yield();
    thread->frame.x[30] = here->live.x[30];
    save_high(thread);
    save_rest(thread);
    forget();
    model_may_yield();
    return slow(thread);
}

static void end_fast(struct thread *thread)
{
    uint64_t argument[8];

    if (!here->is_in_fast) {
        return;
    }
    here->is_in_fast = false;
    memcpy(argument, here->live.x, sizeof(argument));
    ghost_fast_done(pd_from_thread(thread), argument[7], argument, here->answers);
}

/* Other cores may see from now on what was done, though the short way is not at its end. */
void __real_smp_give_all_back(struct cpu *cpu);
void __wrap_smp_give_all_back(struct cpu *cpu);
void __wrap_smp_give_all_back(struct cpu *cpu)
{
    end_fast(here->thread);
    __real_smp_give_all_back(cpu);
}

/* NULL: `thread` goes on, with most of its registers where they were. */
static struct thread *enter_quickly(struct thread *thread, enum trap trap, handler_t fast,
                                    handler_t slow)
{
    struct thread *next;

    here->is_in_fast = trap == TRAP_SVC;
    here->answers = trap == TRAP_SVC ? pd_from_thread(thread)->reply_to : NULL;
    save_low(thread);
    thread->frame.x[30] = here->live.x[30];
    if (trap == TRAP_ABORT || trap == TRAP_REGISTER) { /* `early` */
        save_high(thread);
    }
    model_may_yield();
    next = fast(thread);
    if (next != NULL) {
        end_fast(thread);
    }
    here->is_in_fast = false;
    if (next == thread && (trap == TRAP_ABORT || trap == TRAP_REGISTER)) {
        ghost_of(thread)->frame.pc += 4; /* SGIs were sent */
    }
    if (next == thread) {
        model_may_yield();
        memcpy(here->live.x, thread->frame.x, 18 * sizeof(uint64_t));
        here->live.x[30] = thread->frame.x[30];
        here->live.pc = here->elr;
        return NULL;
    }
    save_high(thread);
    save_rest(thread);
    forget();
    if (next == NULL) {
        model_may_yield();
        return slow(thread);
    }
    if (((uintptr_t)next & TRAP_FAST_LOCKED) == 0) {
        return next;
    }
    next = (struct thread *)((uintptr_t)next & ~TRAP_FAST_LOCKED);
    if (next == NULL) {
        return trap_finish(thread);
    }
    smp_leave_quickly();
    return next;
}

static struct thread *enter(struct thread *thread, enum trap trap)
{
    if (trap == TRAP_SERROR) {
        return enter_slowly(thread, trap_serror);
    }
    if (account_is_on || trap == TRAP_SYNC) { /* arch_trap_slowly() */
        return enter_slowly(thread, trap == TRAP_INTERRUPT ? trap_interrupt : trap_sync);
    }
    if (trap == TRAP_SVC) {
        return enter_quickly(thread, trap, trap_fast, trap_sync);
    }
    if (trap == TRAP_ABORT) {
        return enter_quickly(thread, trap, trap_fast_abort, trap_sync);
    }
    if (trap == TRAP_REGISTER) {
        return enter_quickly(thread, trap, trap_fast_register, trap_sync);
    }
    return enter_quickly(thread, trap, trap_fast_interrupt, trap_interrupt);
}

static void wake_guest(void)
{
    if (here->waits_for_interrupt &&
        (gic_interrupts(here->index) || gic_guest_has_interrupt(here->index) || once_in(64))) {
        here->waits_for_interrupt = false;
        here->live.pc += 4;
        ghost_of(here->thread)->frame.pc += 4;
    }
}

/* Instructions of `thread` until one traps. */
static enum trap run(struct thread *thread)
{
    enum trap trap = TRAP_NONE;

    while (trap == TRAP_NONE) {
        here->place = PLACE_USER;
        model_yield();
        wake_guest();
        ghost_arrive();
        here->elr = here->live.pc;
        if (gic_interrupts(here->index) && !once_in(4)) {
            trace("%s is interrupted", thread->name);
            trap = TRAP_INTERRUPT;
        } else if (!here->waits_for_interrupt) {
            machine_note_step();
            trap = thread->kind == THREAD_PD ? program_step(pd_from_thread(thread))
                                             : guest_step(vcpu_from_thread(thread));
        }
    }
    here->place = PLACE_KERNEL;
    here->kernel_work = 0;
    return trap;
}

static void begin(struct thread *thread)
{
    trace("%s runs", thread->name);
    here->has_started = true;
    here->thread = thread;
    here->live = thread->frame;
    here->user_since = now;
    here->user_payer = thread->payer;
    if (here->last != thread) {
        here->last = thread;
        here->turn = 0;
    }
    here->has_equal = cpu_local()->top == thread->priority;
}

_Noreturn void vectors_run(struct thread *thread)
{
    if (thread == NULL) {
        thread = trap_exit(cpu_local());
    }
    begin(thread);
    for (;;) {
        enum trap trap = run(here->thread);
        struct thread *next;

        ghost_depart(trap);
        model_may_yield();
        next = enter(here->thread, trap);
        if (core_count == 1) {
            invariants_check();
        }
        if (next != NULL) {
            ghost_check_paid();
            model_may_yield();
            begin(next);
        } else {
            here->user_since = now;
        }
    }
}
