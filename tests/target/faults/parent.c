/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults of children: what the messages say (cases.c), what replies do, and stop, restart and
 * resume. One step after the other; each begins by giving the child a command and ends when the
 * fault or the timer has come that it waits for.
 */
#include "tests/target/faults/parent.h"

#include <stddef.h>

#define TIMER      1
#define TO_CHILD   2
#define CSPACE_TCB microkit_cspace_root_slot_to_cptr(5)
#define CHILD_SEES 3 /* the channel TO_CHILD at the child's end */
#define TICK       milliseconds(20)
#define SPSR_EL2H  0x3c9UL
#define SPSR_EL1H  0x3c5UL

struct shared *shared = (struct shared *)1;

struct step {
    const char *name;
    void (*begin)(void);
    bool (*fault)(microkit_child child, microkit_msginfo info, microkit_msginfo *reply);
    void (*timer)(void);
};

static seL4_Word expected_starts = 1; /* the one at boot */

void restart(enum command command)
{
    shared->command = (seL4_Word)command;
    shared->after = 0;
    expected_starts++;
    microkit_pd_restart(CHILD, CHILD_TEXT);
}

/* ---- What replies do ---- */

static unsigned int faults_seen; /* in this step */
static unsigned int ticks_seen;

static void set_pc(seL4_Word pc)
{
    seL4_UserContext context;

    context.pc = pc;
    expect_equal("write pc", seL4_TCB_WriteRegisters(CHILD_TCB, seL4_False, 0, 1, &context), 0);
}

static void begin_again(void)
{
    restart(COMMAND_READ_UNMAPPED);
}

static bool again_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    (void)info;
    (void)reply;
    expect_equal("fault_again: pc", microkit_mr_get(seL4_VMFault_IP), shared->pc);
    if (faults_seen == 3) {
        check("replied_fault_is_retried", true);
        set_pc(shared->pc + 4);
        timer_start(TICK);
    }
    return true;
}

/* The child should be in its event loop: a notification shows it. */
static void alive_timer(void)
{
    if (ticks_seen == 1) {
        shared->notified = 0;
        microkit_notify(TO_CHILD);
        timer_start(TICK);
        return;
    }
    next_step();
}

static void moved_timer(void)
{
    if (ticks_seen == 2) {
        check_equal("moved_pc_goes_on", shared->notified, CHILD_SEES);
    }
    alive_timer();
}

static void begin_answer(void)
{
    restart(COMMAND_ASK_AND_TELL);
}

static bool answer_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    if (faults_seen == 1) {
        for (seL4_Uint8 i = 0; i < 7; i++) {
            expect_equal("syscall_message", microkit_mr_get(i), 0x700UL + i);
            microkit_mr_set(i, 0x900UL + i);
        }
        check_range("syscall_message_sp", microkit_mr_get(seL4_UnknownSyscall_SP), CHILD_STACK_END,
                    CHILD_STACK_END + 0x4000);
        microkit_mr_set(7, 0x907);
        microkit_mr_set(seL4_UnknownSyscall_FaultIP, shared->pc + 4);
        microkit_mr_set(seL4_UnknownSyscall_LR, 0x90a);
        microkit_mr_set(seL4_UnknownSyscall_SPSR, SPSR_EL2H);
        *reply = microkit_msginfo_new(0, seL4_UnknownSyscall_Length);
        return true;
    }
    check_equal("answered_syscall_goes_on", shared->after, 1);
    for (unsigned int i = 0; i < 8; i++) {
        expect_equal("answer_in_registers", shared->registers[i], 0x900UL + i);
    }
    check_equal("answer_in_link_register", shared->registers[8], 0x90a);
    expect_equal("forced_spsr: label", microkit_msginfo_get_label(info), seL4_Fault_UserException);
    check_equal("spsr_in_reply_is_forced", microkit_mr_get(seL4_UserException_SPSR) & 0x3ff, 0);
    next_step();
    return false;
}

static bool short_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    (void)info;
    if (faults_seen == 1) {
        microkit_mr_set(0, 0x911);
        microkit_mr_set(1, 0x912);
        *reply = microkit_msginfo_new(0, 1);
        return true;
    }
    expect_equal("short_answer: second fault", faults_seen, 2);
    check_equal("short_answer_changes_first", microkit_mr_get(0), 0x911);
    check_equal("short_answer_leaves_others", microkit_mr_get(1), 0x701);
    check_equal("previous_reply_is_there", reply->words[0], microkit_msginfo_new(0, 1).words[0]);
    microkit_mr_set(seL4_UnknownSyscall_FaultIP, shared->pc + 4);
    *reply = microkit_msginfo_new(1, seL4_UnknownSyscall_Length);
    timer_start(TICK);
    return true;
}

static void short_timer(void)
{
    check_equal("answer_with_label_does_not_resume", shared->after, 0);
    next_step();
}

static void begin_skip(void)
{
    restart(COMMAND_UNDEFINED);
}

static bool skip_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    (void)info;
    expect_equal("skip: one fault", faults_seen, 1);
    microkit_mr_set(seL4_UserException_FaultIP, shared->pc + 4);
    *reply = microkit_msginfo_new(0, 1);
    timer_start(TICK);
    return true;
}

static void skip_timer(void)
{
    if (ticks_seen == 2) {
        check_equal("answered_exception_goes_on", shared->notified, CHILD_SEES);
    }
    alive_timer();
}

/* ---- Stop, restart, resume ---- */

static void begin_blocked(void)
{
    restart(COMMAND_READ_NULL);
}

static bool blocked_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    (void)info;
    (void)reply;
    timer_start(TICK);
    return false;
}

static void blocked_timer(void)
{
    check_equal("fault_returning_false_blocks", faults_seen, 1);
    next_step();
}

static bool stopped_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    (void)info;
    (void)reply;
    if (faults_seen == 2) {
        check("resumed_fault_is_retried", true);
        next_step();
        return false;
    }
    microkit_pd_stop(CHILD);
    timer_start(TICK);
    return true;
}

static void stopped_timer(void)
{
    check_equal("reply_to_stopped_child_does_nothing", faults_seen, 1);
    microkit_pd_resume(CHILD);
}

static void begin_running(void)
{
    shared->counter = 0;
    restart(COMMAND_COUNT_UP);
    timer_start(TICK);
}

static void running_timer(void)
{
    static seL4_Word count;
    bool changed = shared->counter != count;

    count = shared->counter;
    timer_start(TICK);
    switch (ticks_seen) {
    case 1:
        check("restarted_child_runs", changed);
        microkit_pd_stop(CHILD);
        count = shared->counter;
        break;
    case 2:
        check("stopped_child_stands", !changed);
        microkit_pd_resume(CHILD);
        break;
    case 3:
        check("resumed_child_runs", changed);
        expect_equal("suspend by cspace", seL4_TCB_Suspend(CSPACE_TCB), 0);
        count = shared->counter;
        break;
    case 4:
        check("child_suspended_by_cspace_stands", !changed);
        expect_equal("resume by cspace", seL4_TCB_Resume(CSPACE_TCB), 0);
        break;
    default:
        check("child_resumed_by_cspace_runs", changed);
        timer_stop();
        next_step();
        break;
    }
}

/* Stopped while it waits: what is sent meanwhile arrives when it is resumed. */
static void begin_waiting(void)
{
    restart(COMMAND_RECEIVE);
    shared->notified = 0;
    timer_start(TICK);
}

static void waiting_timer(void)
{
    timer_start(TICK);
    switch (ticks_seen) {
    case 1:
        microkit_pd_stop(CHILD);
        microkit_notify(TO_CHILD);
        break;
    case 2:
        check_equal("stopped_child_is_not_notified", shared->notified, 0);
        microkit_pd_resume(CHILD);
        break;
    default:
        check_equal("resumed_child_is_notified", shared->notified, 1UL << CHILD_SEES);
        timer_stop();
        next_step();
        break;
    }
}

/* ---- Registers ---- */

static const unsigned char register_order[31] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  16, 17, 18, 29, 30, 9,  10,
    11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
};

static void begin_registers(void)
{
    restart(COMMAND_FILL_REGISTERS);
}

static void check_context(const seL4_UserContext *context)
{
    const seL4_Word *words = (const seL4_Word *)context;

    check_equal("read_pc", context->pc, shared->pc);
    check_range("read_sp", context->sp, CHILD_STACK_END, CHILD_STACK_END + 0x4000);
    check_equal("read_spsr", context->spsr & SPSR_MODE_DAIF, 0);
    for (unsigned int i = 0; i < 31; i++) {
        expect_equal("read_registers", words[3 + i], 0xa00UL + register_order[i]);
    }
    check_equal("read_thread_pointer", context->tpidr_el0, 0xa20);
}

static void write_context(seL4_UserContext *context)
{
    seL4_Word *words = (seL4_Word *)context;

    for (unsigned int i = 0; i < 31; i++) {
        words[3 + i] = 0xb00UL + register_order[i];
    }
    context->tpidr_el0 = 0xb20;
    context->pc = shared->dump_entry;
    context->sp = CHILD_SHARED;
    context->spsr = 6UL << 28 | SPSR_EL1H;
    check_equal("write_registers", seL4_TCB_WriteRegisters(CHILD_TCB, seL4_True, 0, 36, context),
                0);
}

static void check_register_errors(seL4_UserContext *context)
{
    check("read_no_registers", seL4_TCB_ReadRegisters(CHILD_TCB, 0, 0, 0, context) != 0);
    check("read_too_many_registers", seL4_TCB_ReadRegisters(CHILD_TCB, 0, 0, 37, context) != 0);
    check("write_too_many_registers", seL4_TCB_WriteRegisters(CHILD_TCB, 0, 0, 37, context) != 0);
    check("read_own_registers", seL4_TCB_ReadRegisters(TCB_CAP, 0, 0, 1, context) != 0);
    check("suspend_nobody", seL4_TCB_Suspend(BASE_TCB_CAP + 8) != 0);
    check("suspend_empty_slot", seL4_TCB_Suspend(microkit_cspace_root_slot_to_cptr(6)) != 0);
    check("no_vcpu", seL4_ARM_VCPU_ReadRegs(BASE_VCPU_CAP + CHILD, 0).error != 0);
}

static bool registers_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    seL4_UserContext context;
    seL4_Word spsr = microkit_mr_get(seL4_UserException_SPSR);

    (void)child;
    (void)info;
    (void)reply;
    if (faults_seen == 1) {
        check_register_errors(&context);
        expect_equal("read", seL4_TCB_ReadRegisters(CHILD_TCB, 0, 0, 36, &context), 0);
        check_context(&context);
        write_context(&context);
        return false;
    }
    for (unsigned int i = 0; i < 31; i++) {
        expect_equal("written_registers", shared->registers[i], 0xb00UL + i);
    }
    check_equal("written_thread_pointer", shared->registers[31], 0xb20);
    check_equal("written_spsr_is_forced", spsr & SPSR_MODE_DAIF, 0);
    check_equal("written_flags", spsr >> 28, 6);
    next_step();
    return false;
}

/* ---- Code in a region, and the end ---- */

static void begin_region(void)
{
    seL4_UserContext context;

    context.pc = CHILD_TEXT;
    context.sp = CHILD_STACK_END + 0x4000; /* after the last step it is not a stack's */
    expected_starts++;
    shared->command = COMMAND_RUN_FROM_REGION;
    expect_equal("write sp", seL4_TCB_WriteRegisters(CHILD_TCB, seL4_True, 0, 2, &context), 0);
}

static bool region_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    (void)reply;
    expect_equal("code_in_region: label", microkit_msginfo_get_label(info),
                 seL4_Fault_UserException);
    check_equal("code_in_executable_region", shared->after, 7);
    check_equal("restart_keeps_bss", shared->starts, expected_starts);
    check_equal("restart_keeps_data", shared->data, 0x100 + expected_starts);
    check_done();
}

static const struct step steps[] = {
    {"cases", begin_cases, case_fault, NULL},
    {"nofp", begin_nofp, nofp_fault, NULL},
    {"again", begin_again, again_fault, moved_timer},
    {"answer", begin_answer, answer_fault, NULL},
    {"short answer", begin_answer, short_fault, short_timer},
    {"skip", begin_skip, skip_fault, skip_timer},
    {"blocked", begin_blocked, blocked_fault, blocked_timer},
    {"stopped", begin_blocked, stopped_fault, stopped_timer},
    {"running", begin_running, NULL, running_timer},
    {"waiting", begin_waiting, NULL, waiting_timer},
    {"registers", begin_registers, registers_fault, NULL},
    {"region", begin_region, region_fault, NULL},
};

static unsigned int step_index;

void next_step(void)
{
    step_index++;
    faults_seen = 0;
    ticks_seen = 0;
    steps[step_index].begin();
}

void init(void)
{
    microkit_pd_stop(NOFP); /* before it ran at all */
    steps[0].begin();
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    faults_seen++;
    if (steps[step_index].fault == NULL) {
        check(steps[step_index].name, false);
        check_done();
    }
    return steps[step_index].fault(child, info, reply);
}

void notified(microkit_channel ch)
{
    if (ch != TIMER || steps[step_index].timer == NULL) {
        check(steps[step_index].name, false);
        check_done();
    }
    ticks_seen++;
    timer_stop();
    microkit_irq_ack(TIMER);
    steps[step_index].timer();
}
