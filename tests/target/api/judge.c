/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes seL4's calls, and sees what they do. Further groups of checks: judge.h. */
#include "tests/target/api/judge.h"

#define ASSERTING 1
#define STARTS    4

#define ENTRY 0x200000UL

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

void init(void)
{
    check_message_registers();
}

void notified(microkit_channel ch)
{
    (void)ch;
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    static unsigned int faults;

    (void)reply;
    if (child != ASSERTING) {
        check("fault_of_asserting", false);
        return seL4_False;
    }
    expect_equal("assertion_faults", microkit_msginfo_get_label(info), seL4_Fault_VMFault);
    expect_equal("assertion_faults_at_0", microkit_mr_get(seL4_VMFault_Addr), 0);
    if (++faults < STARTS) {
        microkit_pd_restart(ASSERTING, ENTRY);
        return seL4_False;
    }
    check_equal("assertions", faults, STARTS);
    check_done();
}
