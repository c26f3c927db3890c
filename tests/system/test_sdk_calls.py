# SPDX-License-Identifier: BSD-2-Clause
"""seL4's calls: those that are there compile as programs use them, those that are not say why."""

import re
import subprocess

import pytest

from conftest import BUILD, good_make

BOARD = BUILD / "sdk/board/qemu_virt_aarch64"
COMPILERS = {
    "gcc": ["aarch64-linux-gnu-gcc", "-std=gnu11"],
    "clang": ["clang", "-target", "aarch64-none-elf", "-mstrict-align", "-ferror-limit=0", "-std=gnu11"],
    "clang++": ["clang", "-target", "aarch64-none-elf", "-mstrict-align", "-ferror-limit=0", "-x", "c++", "-std=c++17"],
}
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-ffreestanding"]

# A statement for each call that there is; `error`, `info`, `badge`, `word`, `context` and `smc` are
# variables of these types.
PRESENT = """
seL4_Signal(10);
seL4_Yield();
seL4_Send(74, info);
seL4_NBSend(74, info);
info = seL4_Recv(1, &badge, 4);
info = seL4_NBRecv(1, &badge, 4);
info = seL4_Wait(1, &badge);
info = seL4_NBWait(1, &badge);
info = seL4_Poll(1, &badge);
info = seL4_ReplyRecv(1, info, &badge, 4);
info = seL4_NBSendRecv(10, info, 1, &badge, 4);
info = seL4_NBSendWait(10, info, 1, &badge);
seL4_SendWithMRs(74, info, &word, 0, 0, 0);
seL4_NBSendWithMRs(74, info, &word, 0, 0, 0);
info = seL4_CallWithMRs(74, info, &word, 0, 0, 0);
info = seL4_RecvWithMRs(1, &badge, &word, 0, 0, 0, 4);
info = seL4_WaitWithMRs(1, &badge, &word, 0, 0, 0);
info = seL4_ReplyRecvWithMRs(1, info, &badge, &word, 0, 0, 0, 4);
info = seL4_NBSendRecvWithMRs(10, info, 1, &badge, &word, 0, 0, 0, 4);
error = seL4_TCB_SetPriority(202, 6, 1);
error = seL4_TCB_SetMCPriority(202, 6, 1);
error = seL4_TCB_SetTLSBase(202, word);
error = seL4_TCB_CopyRegisters(202, 203, seL4_False, seL4_False, seL4_True, seL4_True, 0);
word = seL4_SchedContext_Consumed(1UL << 58).consumed;
word = seL4_SchedContext_YieldTo(1UL << 58).consumed;
error = seL4_IRQHandler_Ack(138);
info = seL4_Call(74, info);
error = seL4_TCB_ReadRegisters(202, seL4_False, 0, 36, &context);
error = seL4_TCB_WriteRegisters(202, seL4_False, 0, 36, &context);
error = seL4_TCB_Suspend(202);
error = seL4_TCB_Resume(202);
error = seL4_ARM_VCPU_InjectIRQ(330, 32, 0, 1, 0);
error = seL4_ARM_VCPU_AckVPPI(330, 27);
word = seL4_ARM_VCPU_ReadRegs(330, seL4_VCPUReg_SCTLR).value;
error = seL4_ARM_VCPU_WriteRegs(330, seL4_VCPUReg_SCTLR, word);
error = seL4_ARM_SMC_Call(7, &smc, &smc);
error = seL4_ARM_VSpace_Clean_Data(3, 0x200000, 0x201000);
error = seL4_ARM_VSpace_Invalidate_Data(3, 0x200000, 0x201000);
error = seL4_ARM_VSpace_CleanInvalidate_Data(3, 0x200000, 0x201000);
error = seL4_ARM_VSpace_Unify_Instruction(3, 0x200000, 0x201000);
seL4_DebugPutChar('c');
seL4_DebugPutString("text");
seL4_SetMR(0, seL4_GetMR(1));
seL4_SetUserData(seL4_GetUserData());
info = seL4_MessageInfo_set_label(seL4_MessageInfo_set_length(info, 3), 4);
seL4_Assert(word == 0);
seL4_DebugAssert(word == 0);
"""
PRESENT_IN_DEBUG = """
seL4_DebugNameThread(6, "name");
seL4_DebugDumpScheduler();
word = seL4_DebugCapIdentify(6);
seL4_DebugHalt();
"""

PROGRAM = """
#include <microkit.h>
void calls(seL4_UserContext context, seL4_ARM_SMCContext smc);
void calls(seL4_UserContext context, seL4_ARM_SMCContext smc)
{
    seL4_Error error = seL4_NoError;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 0);
    seL4_Word badge = 0, word = 0;
    %s
    (void)error; (void)info; (void)badge; (void)word; (void)context; (void)smc;
}
"""

# A call of each that there is not, and words of the reason.
ABSENT = {
    "seL4_TCB_SetAffinity": ("(6, 1)", "a core is chosen by <protection_domain cpu="),
    "seL4_TCB_SetSchedParams": ("(6, 6, 1, 1, 0, 0)", "use seL4_TCB_SetPriority"),
    "seL4_TCB_SetTimeoutEndpoint": ("(6, 1)", "no timeout faults"),
    "seL4_SchedContext_Bind": ("(64, 6)", "stays its program's"),
    "seL4_SchedContext_Unbind": ("(64)", "stays its program's"),
    "seL4_SchedContext_UnbindObject": ("(64, 6)", "stays its program's"),
    "seL4_SchedControl_Configure": ("(1, 64, 10, 10, 0, 0)", "budget and period are"),
    "seL4_SchedControl_ConfigureFlags": ("(1, 64, 10, 10, 0, 0, 0)", "budget and period are"),
    "seL4_DomainSet_Set": ("(11, 1, 6)", "no scheduling domains"),
    "seL4_Reply": ("(info)", "MCS kernels have no such call"),
    "seL4_TCB_SetBreakpoint": ("(6, 0, 0x200000, seL4_DataBreakpoint, 4, seL4_BreakOnRead)", "debug registers"),
    "seL4_TCB_GetBreakpoint": ("(6, 0)", "debug registers"),
    "seL4_TCB_UnsetBreakpoint": ("(6, 0)", "debug registers"),
    "seL4_TCB_ConfigureSingleStepping": ("(6, 0, 1)", "debug registers"),
    "seL4_DebugSnapshot": ("()", "the tool's report"),
    "seL4_DebugSendIPI": ("(1, 1)", "do not interrupt cores"),
    "seL4_DebugRun": ("(0, 0)", "runs in the kernel"),
    "seL4_Untyped_Retype": ("(1, 4, 0, 2, 0, 0, 1, 1)", "system description"),
    "seL4_CNode_Copy": ("(2, 1, 58, 2, 2, 58, 1)", "system description"),
    "seL4_CNode_Mint": ("(2, 1, 58, 2, 2, 58, 1, 4)", "system description"),
    "seL4_CNode_Move": ("(2, 1, 58, 2, 2, 58)", "system description"),
    "seL4_CNode_Mutate": ("(2, 1, 58, 2, 2, 58, 1)", "system description"),
    "seL4_CNode_Rotate": ("(2, 1, 58, 1, 2, 2, 58)", "system description"),
    "seL4_CNode_Delete": ("(2, 1, 58)", "system description"),
    "seL4_CNode_Revoke": ("(2, 1, 58)", "system description"),
    "seL4_CNode_CancelBadgedSends": ("(2, 1, 58)", "system description"),
    "seL4_IRQControl_Get": ("(4, 30, 2, 1, 58)", "system description"),
    "seL4_IRQHandler_SetNotification": ("(138, 10)", "system description"),
    "seL4_IRQHandler_Clear": ("(138)", "system description"),
    "seL4_ARM_Page_Map": ("(1, 3, 0x300000, 3, 0)", "system description"),
    "seL4_ARM_Page_Unmap": ("(1)", "system description"),
    "seL4_ARM_PageTable_Map": ("(1, 3, 0x300000, 0)", "system description"),
    "seL4_ARM_PageTable_Unmap": ("(1)", "system description"),
    "seL4_ARM_VCPU_SetTCB": ("(330, 266)", "system description"),
    "seL4_TCB_Configure": ("(6, 2, 0, 3, 0, 0, 0)", "do not change"),
    "seL4_TCB_SetSpace": ("(6, 1, 2, 0, 3, 0)", "do not change"),
    "seL4_TCB_SetIPCBuffer": ("(6, 0xfffffff000, 1)", "do not change"),
    "seL4_TCB_BindNotification": ("(6, 10)", "do not change"),
    "seL4_TCB_UnbindNotification": ("(6)", "do not change"),
    "seL4_TCB_SetFlags": ("(6, 1, 0)", "do not change"),
}
ABSENT_IN_RELEASE = {
    "seL4_DebugHalt": ("()", "debug configurations"),
    "seL4_DebugDumpScheduler": ("()", "debug configurations"),
    "seL4_DebugCapIdentify": ("(6)", "debug configurations"),
    "seL4_DebugNameThread": ('(6, "name")', "debug configurations"),
}


@pytest.fixture(scope="module", autouse=True)
def sdk():
    good_make("sdk")


def compile_calls(compiler, config, optimise, statements, output):
    """Of C as users compile it; the error comes with code generation, not with -fsyntax-only."""
    return subprocess.run(
        [*COMPILERS[compiler], optimise, *WARNINGS, f"-I{BOARD / config / 'include'}"]
        + ["-c", "-o", output, *([] if compiler == "clang++" else ["-x", "c"]), "-"],
        input=PROGRAM % statements,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("optimise", ["-O0", "-O2"])
@pytest.mark.parametrize("config", ["debug", "release", "smp-debug", "benchmark"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_calls_compile(compiler, config, optimise, tmp_path):
    statements = PRESENT + (PRESENT_IN_DEBUG if "debug" in config else "")
    done = compile_calls(compiler, config, optimise, statements, tmp_path / "calls.o")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("config", ["debug", "release"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_what_is_absent_says_why(compiler, config, tmp_path):
    absent = ABSENT if config == "debug" else {**ABSENT, **ABSENT_IN_RELEASE}
    for optimise in ("-O0", "-O2"):
        # All in one go: every one of them is reported.
        statements = "\n".join(f"(void){name}{call[0]};" for name, call in absent.items())
        done = compile_calls(compiler, config, optimise, statements, tmp_path / "absent.o")
        assert done.returncode != 0
        for name, (_, reason) in absent.items():
            lines = [line for line in done.stderr.splitlines() if re.search(rf"error: .*\b{name}\b", line)]
            assert lines and all(reason in line for line in lines), f"{name}\n{done.stderr}"


def test_tables_above_are_complete():
    headers = BOARD / "release/include/sel4"
    absent = re.findall(r"^SLUICE_ABSENT\(\w+,\s*(\w+)", (headers / "absent.h").read_text(), re.M)
    assert sorted(absent) == sorted([*ABSENT, *ABSENT_IN_RELEASE])
    there = set()
    for header in headers.glob("*.h"):
        if header.name not in ("absent.h", "benchmark.h"):
            there |= set(re.findall(r"^\w[\w ]*[ *](seL4_\w+)\(", header.read_text(), re.M))
            there |= set(re.findall(r"^#define (seL4_(?:Debug)?Assert)\(", header.read_text(), re.M))
    accessors = {name for name in there if "_get_" in name or name == "seL4_GetIPCBuffer"}
    used = {name for name in there if name + "(" in PROGRAM + PRESENT + PRESENT_IN_DEBUG}
    assert not there - accessors - used and "seL4_Signal" in there
