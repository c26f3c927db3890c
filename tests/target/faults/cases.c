/* SPDX-License-Identifier: BSD-2-Clause */
/* Every way in which a child faults, and what the message then says. */
#include "tests/target/faults/parent.h"

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

void begin_cases(void)
{
    shared->command = COMMAND_READ_NULL; /* the child has not started yet */
}

bool case_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
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

void begin_nofp(void)
{
    shared->command = COMMAND_USE_FP;
    microkit_pd_restart(NOFP, CHILD_TEXT);
}

bool nofp_fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)reply;
    expect_equal("fp_without_fpu: child", child, NOFP);
    expect_equal("fp_without_fpu: label", microkit_msginfo_get_label(info), seL4_Fault_VCPUFault);
    check_equal("fp_without_fpu", microkit_mr_get(seL4_VCPUFault_HSR) >> 26, 0x07);
    microkit_pd_stop(NOFP);
    next_step();
    return true;
}
