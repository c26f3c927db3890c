/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What seL4's interface has and this one does not: a program that calls one of these does not
 * compile, and the compiler says why. Those who do not call them see nothing of it.
 */
#ifndef SEL4_ABSENT_H
#define SEL4_ABSENT_H

#include <kernel/gen_config.h>
#include <sel4/types.h>

#if defined(__clang__) && __clang_major__ < 14
#define SLUICE_WHY(why) __attribute__((unavailable(why)))
#else
#define SLUICE_WHY(why) __attribute__((error(why)))
#endif

#define SLUICE_ABSENT(type, name, parameters, why) type name parameters SLUICE_WHY(why)

#define SLUICE_WHY_DESCRIBED                                                  \
    "Microkit programs hold no such capability: what they have stands in the" \
    " system description"
#define SLUICE_WHY_SPACE                                                                     \
    "address space, IPC buffer, capabilities, notification and FP of a program are what the" \
    " system description says, and do not change"
#define SLUICE_WHY_CORE                                                                     \
    "a core is chosen by <protection_domain cpu=...> or <vcpu cpu=...>; seL4's MCS kernels" \
    " have no such call either"
#define SLUICE_WHY_CONTEXT                                                                    \
    "a scheduling context stays its program's; seL4_TCB_Suspend and seL4_TCB_Resume stop and" \
    " continue a program, passive=\"true\" makes it run on its callers' time"
#define SLUICE_WHY_BUDGET \
    "budget and period are <protection_domain budget=... period=...>, and do not change"
#define SLUICE_WHY_BREAKPOINT                                                              \
    "the processor's debug registers are not given to programs; a BRK instruction makes a" \
    " DebugException, and QEMU's -s lets a debugger set breakpoints"
#define SLUICE_WHY_DEBUG \
    "this call is of debug configurations; this one is not (CONFIG_DEBUG_BUILD)"

#ifdef __cplusplus
extern "C" {
#endif

/* The core, and time. */
SLUICE_ABSENT(seL4_Error, seL4_TCB_SetAffinity, (seL4_CPtr tcb, seL4_Word affinity),
              SLUICE_WHY_CORE);
SLUICE_ABSENT(seL4_Error, seL4_TCB_SetSchedParams,
              (seL4_CPtr tcb, seL4_CPtr authority, seL4_Word mcp, seL4_Word priority,
               seL4_CPtr sched_context, seL4_CPtr fault_ep),
              "use seL4_TCB_SetPriority and seL4_TCB_SetMCPriority: scheduling context and fault"
              " handler are what the system description says");
SLUICE_ABSENT(seL4_Error, seL4_TCB_SetTimeoutEndpoint, (seL4_CPtr tcb, seL4_CPtr timeout_ep),
              "there are no timeout faults: a program whose budget is used up waits for more");
SLUICE_ABSENT(seL4_Error, seL4_SchedContext_Bind, (seL4_CPtr sched_context, seL4_CPtr object),
              SLUICE_WHY_CONTEXT);
SLUICE_ABSENT(seL4_Error, seL4_SchedContext_Unbind, (seL4_CPtr sched_context), SLUICE_WHY_CONTEXT);
SLUICE_ABSENT(seL4_Error, seL4_SchedContext_UnbindObject,
              (seL4_CPtr sched_context, seL4_CPtr object), SLUICE_WHY_CONTEXT);
SLUICE_ABSENT(seL4_Error, seL4_SchedControl_Configure,
              (seL4_CPtr sched_control, seL4_CPtr sched_context, seL4_Time budget, seL4_Time period,
               seL4_Word extra_refills, seL4_Word badge),
              SLUICE_WHY_BUDGET);
SLUICE_ABSENT(seL4_Error, seL4_SchedControl_ConfigureFlags,
              (seL4_CPtr sched_control, seL4_CPtr sched_context, seL4_Time budget, seL4_Time period,
               seL4_Word extra_refills, seL4_Word badge, seL4_Word flags),
              SLUICE_WHY_BUDGET);
SLUICE_ABSENT(seL4_Error, seL4_DomainSet_Set,
              (seL4_CPtr domain_set, seL4_Uint8 domain, seL4_CPtr tcb),
              "there are no scheduling domains: <domains> is refused");

/* Messages. */
SLUICE_ABSENT(void, seL4_Reply, (seL4_MessageInfo_t info),
              "MCS kernels have no such call: seL4_Send() to the reply capability answers, as do"
              " seL4_ReplyRecv() and the return of protected() and fault()");

/* Debugging. */
enum {
    seL4_InstructionBreakpoint,
    seL4_DataBreakpoint,
    seL4_SingleStep,
    seL4_SoftwareBreakRequest
};
enum {
    seL4_BreakOnRead,
    seL4_BreakOnWrite,
    seL4_BreakOnReadWrite
};
typedef struct seL4_TCB_GetBreakpoint {
    int error;
    seL4_Word vaddr, type, size, rw;
    seL4_Bool is_enabled;
} seL4_TCB_GetBreakpoint_t;
typedef struct seL4_TCB_ConfigureSingleStepping {
    int error;
    seL4_Bool bp_was_consumed;
} seL4_TCB_ConfigureSingleStepping_t;

SLUICE_ABSENT(seL4_Error, seL4_TCB_SetBreakpoint,
              (seL4_CPtr tcb, seL4_Uint16 number, seL4_Word vaddr, seL4_Word type, seL4_Word size,
               seL4_Word rw),
              SLUICE_WHY_BREAKPOINT);
SLUICE_ABSENT(seL4_TCB_GetBreakpoint_t, seL4_TCB_GetBreakpoint, (seL4_CPtr tcb, seL4_Uint16 number),
              SLUICE_WHY_BREAKPOINT);
SLUICE_ABSENT(seL4_Error, seL4_TCB_UnsetBreakpoint, (seL4_CPtr tcb, seL4_Uint16 number),
              SLUICE_WHY_BREAKPOINT);
SLUICE_ABSENT(seL4_TCB_ConfigureSingleStepping_t, seL4_TCB_ConfigureSingleStepping,
              (seL4_CPtr tcb, seL4_Uint16 number, seL4_Word instructions), SLUICE_WHY_BREAKPOINT);
SLUICE_ABSENT(void, seL4_DebugSnapshot, (void),
              "the tool's report (microkit -r) says what every program has");
SLUICE_ABSENT(void, seL4_DebugSendIPI, (seL4_Uint8 target, unsigned int irq),
              "programs do not interrupt cores: signal a program there");
SLUICE_ABSENT(void, seL4_DebugRun, (void (*function)(void *), void *argument),
              "no program's code runs in the kernel");
#ifndef CONFIG_DEBUG_BUILD
SLUICE_ABSENT(void, seL4_DebugHalt, (void), SLUICE_WHY_DEBUG);
SLUICE_ABSENT(void, seL4_DebugDumpScheduler, (void), SLUICE_WHY_DEBUG);
SLUICE_ABSENT(seL4_Uint32, seL4_DebugCapIdentify, (seL4_CPtr cap), SLUICE_WHY_DEBUG);
SLUICE_ABSENT(void, seL4_DebugNameThread, (seL4_CPtr tcb, const char *name), SLUICE_WHY_DEBUG);
#endif

/* Objects that programs do not make, and spaces that do not change. */
SLUICE_ABSENT(seL4_Error, seL4_Untyped_Retype, (seL4_CPtr untyped, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_CNode_Copy, (seL4_CPtr cnode, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_CNode_Mint, (seL4_CPtr cnode, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_CNode_Move, (seL4_CPtr cnode, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_CNode_Mutate, (seL4_CPtr cnode, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_CNode_Rotate, (seL4_CPtr cnode, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_CNode_Delete, (seL4_CPtr cnode, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_CNode_Revoke, (seL4_CPtr cnode, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_CNode_CancelBadgedSends, (seL4_CPtr cnode, ...),
              SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_IRQControl_Get, (seL4_CPtr control, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_IRQHandler_SetNotification, (seL4_CPtr irq, seL4_CPtr notification),
              SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_IRQHandler_Clear, (seL4_CPtr irq), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_ARM_Page_Map, (seL4_CPtr page, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_ARM_Page_Unmap, (seL4_CPtr page), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_ARM_PageTable_Map, (seL4_CPtr table, ...), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_ARM_PageTable_Unmap, (seL4_CPtr table), SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_ARM_VCPU_SetTCB, (seL4_CPtr vcpu, seL4_CPtr tcb),
              SLUICE_WHY_DESCRIBED);
SLUICE_ABSENT(seL4_Error, seL4_TCB_Configure, (seL4_CPtr tcb, ...), SLUICE_WHY_SPACE);
SLUICE_ABSENT(seL4_Error, seL4_TCB_SetSpace, (seL4_CPtr tcb, ...), SLUICE_WHY_SPACE);
SLUICE_ABSENT(seL4_Error, seL4_TCB_SetIPCBuffer, (seL4_CPtr tcb, ...), SLUICE_WHY_SPACE);
SLUICE_ABSENT(seL4_Error, seL4_TCB_BindNotification, (seL4_CPtr tcb, seL4_CPtr notification),
              SLUICE_WHY_SPACE);
SLUICE_ABSENT(seL4_Error, seL4_TCB_UnbindNotification, (seL4_CPtr tcb), SLUICE_WHY_SPACE);
SLUICE_ABSENT(seL4_Error, seL4_TCB_SetFlags, (seL4_CPtr tcb, ...), SLUICE_WHY_SPACE);

#ifdef __cplusplus
}
#endif

#endif
