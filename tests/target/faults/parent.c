/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults of children: what the messages say, what replies do, and stop, restart and resume. One
 * step after the other; each begins by giving the child a command and ends when the fault or the
 * timer has come that it waits for.
 */
#include "tests/target/faults/shared.h"

#include <stddef.h>

#include "tests/target/lib/check.h"

#define TIMER      1
#define TO_CHILD   2
#define CHILD      7
#define NOFP       61
#define CHILD_TCB  (BASE_TCB_CAP + CHILD)
#define CSPACE_TCB microkit_cspace_root_slot_to_cptr(5)
#define CHILD_SEES 3 /* the channel TO_CHILD at the child's end */
#define TICK       milliseconds(2)

#define SPSR_MODE_DAIF 0x3dfUL
#define SPSR_EL2H      0x3c9UL
#define SPSR_EL1H      0x3c5UL

struct shared *shared = (struct shared *)1;

struct step {
    const char *name;
    void (*begin)(void);
    bool (*fault)(microkit_child child, microkit_msginfo info, microkit_msginfo *reply);
    void (*timer)(void);
};

static void next_step(void);

static seL4_Word expected_starts = 1; /* the one at boot */

static void restart(enum command command)
{
    shared->command = (seL4_Word)command;
    shared->after = 0;
    expected_starts++;
    microkit_pd_restart(CHILD, CHILD_TEXT);
}

/* ---- What the messages say ---- */

enum address_kind {
    PC_KNOWN,   /* the child wrote it down */
    PC_JUMPED,  /* equals the address of the fault */
    PC_UNKNOWN, /* in the library */
};

struct fault_case {
    const char *name;
    enum command command;
    enum address_kind pc;
    seL4_Word label;
    seL4_Word address; /* VMFault: Addr; CapFault: the capability; UnknownSyscall: the number */
    seL4_Word class;   /* VMFault, VCPUFault: exception class */
    bool is_write;
};

static const struct fault_case cases[] = {
    {"read_null", COMMAND_READ_NULL, PC_KNOWN, seL4_Fault_VMFault, 0, 0x24, false},
    {"read_unmapped", COMMAND_READ_UNMAPPED, PC_KNOWN, seL4_Fault_VMFault, 0x123456789, 0x24,
     false},
    {"read_beyond_40_bits", COMMAND_READ_BEYOND, PC_KNOWN, seL4_Fault_VMFault, 1UL << 41, 0x24,
     false},
    {"read_upper_half", COMMAND_READ_NEGATIVE, PC_KNOWN, seL4_Fault_VMFault, -4096UL, 0x24, false},
    {"write_text", COMMAND_WRITE_TEXT, PC_KNOWN, seL4_Fault_VMFault, CHILD_TEXT, 0x24, true},
    {"write_readonly", COMMAND_WRITE_READONLY, PC_KNOWN, seL4_Fault_VMFault, CHILD_READONLY + 0x128,
     0x24, true},
    {"overflow_stack", COMMAND_OVERFLOW_STACK, PC_KNOWN, seL4_Fault_VMFault, CHILD_STACK_END - 8,
     0x24, true},
    {"execute_data", COMMAND_EXECUTE_DATA, PC_JUMPED, seL4_Fault_VMFault, CHILD_SHARED, 0x20,
     false},
    {"execute_nothing", COMMAND_EXECUTE_NOTHING, PC_JUMPED, seL4_Fault_VMFault, 0xdeadbee0, 0x20,
     false},
    {"exclusive_misaligned", COMMAND_EXCLUSIVE_MISALIGNED, PC_KNOWN, seL4_Fault_VMFault,
     CHILD_SHARED + 0x801, 0x24, false},
    {"read_trapped_register", COMMAND_READ_TRAPPED_REGISTER, PC_KNOWN, seL4_Fault_VCPUFault, 0,
     0x18, false},
    {"mask_interrupts", COMMAND_MASK_INTERRUPTS, PC_KNOWN, seL4_Fault_VCPUFault, 0, 0x18, false},
    {"read_el1_register", COMMAND_READ_EL1_REGISTER, PC_KNOWN, seL4_Fault_UserException, 0, 0,
     false},
    {"read_current_el", COMMAND_READ_CURRENT_EL, PC_KNOWN, seL4_Fault_UserException, 0, 0, false},
    {"undefined_instruction", COMMAND_UNDEFINED, PC_KNOWN, seL4_Fault_UserException, 0, 0, false},
    {"hlt", COMMAND_HLT, PC_KNOWN, seL4_Fault_UserException, 0, 0, false},
    {"smc", COMMAND_SMC, PC_KNOWN, seL4_Fault_UserException, 0, 0, false},
    {"hvc", COMMAND_HVC, PC_KNOWN, seL4_Fault_UserException, 0, 0, false},
    {"eret", COMMAND_ERET, PC_KNOWN, seL4_Fault_UserException, 0, 0, false},
    {"brk", COMMAND_BREAK, PC_KNOWN, seL4_Fault_DebugException, 0, 0, false},
    {"unknown_syscall", COMMAND_UNKNOWN_CALL, PC_KNOWN, seL4_Fault_UnknownSyscall, 999, 0, false},
    {"negative_syscall", COMMAND_NEGATIVE_CALL, PC_KNOWN, seL4_Fault_UnknownSyscall, -3UL, 0,
     false},
    {"call_nobody", COMMAND_CALL_NOBODY, PC_UNKNOWN, seL4_Fault_CapFault, BASE_ENDPOINT_CAP + 3, 0,
     false},
    {"library_error", COMMAND_STOP_NOBODY, PC_UNKNOWN, seL4_Fault_VMFault, 0, 0x24, true},
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

static unsigned int case_index;
static bool case_holds;

static void match(seL4_Word found, seL4_Word expected)
{
    if (found != expected) {
        expect_equal(cases[case_index].name, found, expected);
        case_holds = false;
    }
}

static seL4_Word lengths(seL4_Word label)
{
    switch (label) {
    case seL4_Fault_VMFault:
    case seL4_Fault_CapFault:
        return 4;
    case seL4_Fault_UnknownSyscall:
        return 13;
    case seL4_Fault_UserException:
        return 5;
    case seL4_Fault_DebugException:
        return 2;
    default:
        return 1;
    }
}

static void match_words(const struct fault_case *expected)
{
    seL4_Word word1 = microkit_mr_get(1);
    seL4_Word word3 = microkit_mr_get(3);

    switch (expected->label) {
    case seL4_Fault_VMFault:
        match(word1, expected->address);
        match(microkit_mr_get(seL4_VMFault_PrefetchFault), expected->class == 0x20);
        match(word3 >> 26, expected->class);
        match(word3 >> 6 & 1, expected->is_write);
        break;
    case seL4_Fault_CapFault:
        match(word1, expected->address);
        match(microkit_mr_get(seL4_CapFault_InRecvPhase), 0);
        break;
    case seL4_Fault_UnknownSyscall:
        match(microkit_mr_get(seL4_UnknownSyscall_Syscall), expected->address);
        match(microkit_mr_get(seL4_UnknownSyscall_X7), expected->address);
        match(microkit_mr_get(seL4_UnknownSyscall_SPSR) & SPSR_MODE_DAIF, 0);
        break;
    case seL4_Fault_UserException:
        match(microkit_mr_get(seL4_UserException_SPSR) & SPSR_MODE_DAIF, 0);
        match(word3, 0x2000000);
        match(microkit_mr_get(seL4_UserException_Code), 0);
        break;
    case seL4_Fault_DebugException:
        match(word1, 3);
        break;
    default:
        match(microkit_mr_get(0) >> 26, expected->class);
        break;
    }
}

static seL4_Word message_pc(seL4_Word label)
{
    seL4_UserContext context;
    seL4_Word word0 = microkit_mr_get(0);

    if (label == seL4_Fault_UnknownSyscall) {
        return microkit_mr_get(seL4_UnknownSyscall_FaultIP);
    }
    if (label != seL4_Fault_VCPUFault) {
        return word0;
    }
    context.pc = 0;
    expect_equal("read pc", seL4_TCB_ReadRegisters(CHILD_TCB, seL4_False, 0, 1, &context), 0);
    return context.pc;
}

static void match_pc(const struct fault_case *expected)
{
    seL4_Word pc = message_pc(expected->label);

    if (expected->pc == PC_KNOWN) {
        match(pc, shared->pc);
    } else if (expected->pc == PC_JUMPED) {
        match(pc, expected->address);
    }
}

static void begin_cases(void)
{
    shared->command = COMMAND_READ_NULL; /* the child has not started yet */
}

static bool case_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    const struct fault_case *expected = &cases[case_index];

    (void)reply;
    case_holds = true;
    match(child, CHILD);
    match(microkit_msginfo_get_label(info), expected->label);
    match(microkit_msginfo_get_count(info), lengths(expected->label));
    match_words(expected);
    match_pc(expected);
    if (case_holds) {
        check(expected->name, true);
    }
    case_index++;
    if (case_index < CASE_COUNT) {
        restart(cases[case_index].command);
    } else {
        microkit_pd_stop(CHILD);
        next_step();
    }
    return case_index % 2 == 0; /* nobody waits for an answer any more: it must not matter */
}

static void begin_nofp(void)
{
    shared->command = COMMAND_USE_FP;
    microkit_pd_restart(NOFP, CHILD_TEXT);
}

static bool nofp_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)reply;
    expect_equal("fp_without_fpu: child", child, NOFP);
    expect_equal("fp_without_fpu: label", microkit_msginfo_get_label(info), seL4_Fault_VCPUFault);
    check_equal("fp_without_fpu", microkit_mr_get(seL4_VCPUFault_HSR) >> 26, 0x07);
    microkit_pd_stop(NOFP);
    next_step();
    return true;
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

static void next_step(void)
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
