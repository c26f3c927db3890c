/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes seL4's calls, and sees what they do. Further groups of checks: judge.h. */
#include "tests/target/api/judge.h"

#define ASSERTING 1
#define STARTS    4

#define ENTRY 0x200000UL

#define SPACE_END (1UL << 40)
#define IPC_PAGE  0xfffffff000UL

#define STILL_CODE 0x20000000UL

volatile seL4_Uint32 *code = (volatile seL4_Uint32 *)1; /* not .bss: the tool fills them in */
volatile seL4_Uint32 *rtc = (volatile seL4_Uint32 *)1;

#define PATTERN(i) (0x1234000000000000UL + (i))

void remember_registers(void)
{
    for (seL4_Uint8 i = 0; i < seL4_MsgMaxLength; i++) {
        microkit_mr_set(i, PATTERN(i));
    }
}

void check_registers_are_as_they_were(const char *name)
{
    seL4_Word wrong = 0;

    for (seL4_Uint8 i = 0; i < seL4_MsgMaxLength; i++) {
        wrong += microkit_mr_get(i) != PATTERN(i);
    }
    check_equal(name, wrong, 0);
}

/* Operations pass their words elsewhere. */
static void check_message_registers(void)
{
    static seL4_UserContext context;

    remember_registers();
    check_equal("read_registers", seL4_TCB_ReadRegisters(STILL_TCB, 0, 0, 36, &context), 0);
    check_registers_are_as_they_were("message_registers_after_read_registers");
    check_equal("write_registers", seL4_TCB_WriteRegisters(STILL_TCB, 0, 0, 36, &context), 0);
    check_registers_are_as_they_were("message_registers_after_write_registers");
    microkit_pd_stop(STILL);
    microkit_pd_restart(STILL, ENTRY);
    check_registers_are_as_they_were("message_registers_after_restart");
    firmware(PSCI_VERSION, 0);
    check_registers_are_as_they_were("message_registers_after_firmware_call");
}

static void check_capabilities(void)
{
    check_equal("identify_nothing", seL4_DebugCapIdentify(0), 0);
    check_equal("identify_tcb", seL4_DebugCapIdentify(TCB_CAP), 12);
    check_equal("identify_channel", seL4_DebugCapIdentify(BASE_OUTPUT_NOTIFICATION_CAP + 7), 6);
    check_equal("identify_vspace", seL4_DebugCapIdentify(STILL_VSPACE), 9);
}

/* From the seed that QEMU leaves in its device tree. */
static void check_random(void)
{
    seL4_Word first[4] = {0};
    seL4_Word second[4] = {0};
    seL4_Word same = 0;
    seL4_Word zero = 0;

    check_equal("random", microkit_random(first) != seL4_False, 1);
    check_equal("random_again", microkit_random(second) != seL4_False, 1);
    for (unsigned int i = 0; i < 4; i++) {
        same += first[i] == second[i] ? 1 : 0;
        zero += first[i] == 0 || second[i] == 0 ? 1 : 0;
    }
    check_equal("random_differs", same, 0);
    check_equal("random_is_something", zero, 0);
}

static void check_caches(void)
{
    seL4_Word from = (seL4_Word)code;
    seL4_Word to = from + 0x2000;

    remember_registers();
    check_equal("clean", seL4_ARM_VSpace_Clean_Data(VSPACE, from, to), 0);
    check_equal("invalidate", seL4_ARM_VSpace_Invalidate_Data(VSPACE, from + 1, from + 2), 0);
    check_equal("clean_invalidate", seL4_ARM_VSpace_CleanInvalidate_Data(VSPACE, from, to), 0);
    check_equal("unify", seL4_ARM_VSpace_Unify_Instruction(VSPACE, from, to), 0);
    check_registers_are_as_they_were("message_registers_after_cache_maintenance");
    check_equal("clean_text", seL4_ARM_VSpace_Clean_Data(VSPACE, ENTRY, ENTRY + 0x1000), 0);
    check_equal("clean_nothing", seL4_ARM_VSpace_Clean_Data(VSPACE, 0, 0x1000), 0);
    check_equal("clean_last_page", seL4_ARM_VSpace_Clean_Data(VSPACE, IPC_PAGE, SPACE_END), 0);
    check_equal("clean_device",
                seL4_ARM_VSpace_Clean_Data(VSPACE, (seL4_Word)rtc, (seL4_Word)rtc + 4), 0);
    check_equal("clean_other", seL4_ARM_VSpace_Clean_Data(STILL_VSPACE, ENTRY, ENTRY + 0x1000), 0);
    check_equal("clean_empty", seL4_ARM_VSpace_Clean_Data(VSPACE, from, from),
                seL4_InvalidArgument);
    check_equal("clean_backwards", seL4_ARM_VSpace_Clean_Data(VSPACE, to, from),
                seL4_InvalidArgument);
    check_equal("clean_beyond", seL4_ARM_VSpace_Clean_Data(VSPACE, IPC_PAGE, SPACE_END + 1),
                seL4_IllegalOperation);
    check_equal("clean_by_tcb", seL4_ARM_VSpace_Clean_Data(TCB_CAP, from, to),
                seL4_InvalidCapability);
}

void let_still_execute(seL4_Uint32 instruction)
{
    *code = instruction;
    seL4_ARM_VSpace_Clean_Data(VSPACE, (seL4_Word)code, (seL4_Word)code + 4);
    seL4_ARM_VSpace_Unify_Instruction(STILL_VSPACE, STILL_CODE, STILL_CODE + 4);
    microkit_pd_restart(STILL, STILL_CODE);
}

static void assertion_failed(microkit_msginfo info)
{
    static unsigned int faults;

    expect_equal("assertion_faults", microkit_msginfo_get_label(info), seL4_Fault_VMFault);
    expect_equal("assertion_faults_at_0", microkit_mr_get(seL4_VMFault_Addr), 0);
    if (++faults < STARTS) {
        microkit_pd_restart(ASSERTING, ENTRY);
    } else {
        check_equal("assertions", faults, STARTS);
    }
}

/* Its faults, without the library's event loop: it is higher, and has one ready each time. */
static void receive_assertions(void)
{
    for (unsigned int i = 0; i < STARTS; i++) {
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_Recv(1, &badge, 4);

        expect_equal("assertion_badge", badge, 3UL << 62 | ASSERTING);
        assertion_failed(info);
    }
}

void init(void)
{
    receive_assertions();
    check_message_registers();
    check_capabilities();
    check_caches();
    check_random();
    check_threads();
    seL4_DebugNameThread(
        STILL_TCB, "still, by its other name, which is too long for the kernel's sixty-three");
    seL4_DebugDumpScheduler();
    check_messages();
    let_still_execute(INSTRUCTION_HLT);
}

void notified(microkit_channel ch)
{
    (void)ch;
}

static void still_faulted(microkit_msginfo info)
{
    static bool is_second;

    if (!is_second) {
        is_second = true;
        check_equal("first_instruction", microkit_msginfo_get_label(info),
                    seL4_Fault_UserException);
        let_still_execute(INSTRUCTION_BRK);
    } else {
        check_equal("second_instruction", microkit_msginfo_get_label(info),
                    seL4_Fault_DebugException);
        check_done();
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)reply;
    expect_equal("fault_of_still", child, STILL);
    still_faulted(info);
    return seL4_False;
}
