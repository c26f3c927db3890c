/* SPDX-License-Identifier: BSD-2-Clause */
/* Priorities, turns, scheduling contexts, and registers of others. */
#include "tests/target/api/judge.h"

volatile seL4_Word *count = (volatile seL4_Word *)1;

#define TRIES 100 /* its turn may pass while the emulator does not run */

static bool yield(void)
{
    seL4_Yield();
    return true;
}

static bool yield_to(void)
{
    seL4_SchedContext_YieldTo_t yielded = seL4_SchedContext_YieldTo(WORKER_SC);

    return yielded.error == 0 && yielded.consumed > 0;
}

/* Whether the worker has counted after one of the steps, which all have to hold. */
static bool worker_runs(bool (*step)(void))
{
    seL4_Word before = *count;

    for (unsigned int i = 0; i < TRIES && *count == before; i++) {
        if (!step()) {
            return false;
        }
    }
    return *count > before;
}

static void check_turns(void)
{
    seL4_Word before = *count;

    seL4_Yield();
    check_equal("yield_alone", *count, before);
    check_equal("priority_above_maximum", seL4_TCB_SetPriority(WORKER_TCB, TCB_CAP, 51),
                seL4_RangeError);
    check_equal("priority_by_nobody", seL4_TCB_SetPriority(WORKER_TCB, 0, 1),
                seL4_InvalidCapability);
    check_equal("priority_of_nobody", seL4_TCB_SetPriority(0, TCB_CAP, 1), seL4_InvalidCapability);
    check_equal("set_priority", seL4_TCB_SetPriority(WORKER_TCB, TCB_CAP, 50), 0);
    check("yield_to_equal", worker_runs(yield));
    before = *count;
    check_equal("lower", seL4_TCB_SetPriority(WORKER_TCB, TCB_CAP, 30), 0);
    check_equal("own", seL4_TCB_SetPriority(TCB_CAP, TCB_CAP, 31), 0);
    seL4_Yield();
    check_equal("yield_above", *count, before);
    check_equal("own_again", seL4_TCB_SetPriority(TCB_CAP, TCB_CAP, 50), 0);
}

static void check_contexts(void)
{
    seL4_SchedContext_YieldTo_t yielded;
    seL4_Word before;

    expect_equal("reset", (seL4_Error)seL4_SchedContext_Consumed(OWN_SC).error, 0);
    spin(milliseconds(5));
    check("consumed", seL4_SchedContext_Consumed(OWN_SC).consumed >= 5000);
    expect_equal("reset", (seL4_Error)seL4_SchedContext_Consumed(WORKER_SC).error, 0);
    check_equal("consumed_nothing", seL4_SchedContext_Consumed(WORKER_SC).consumed, 0);
    check_equal("consumed_by_tcb", (seL4_Error)seL4_SchedContext_Consumed(TCB_CAP).error,
                seL4_InvalidCapability);
    check_equal("yield_to_self", (seL4_Error)seL4_SchedContext_YieldTo(OWN_SC).error,
                seL4_IllegalOperation);

    before = *count;
    yielded = seL4_SchedContext_YieldTo(WORKER_SC);
    check_equal("yield_to_lower", (seL4_Error)yielded.error, 0);
    check_equal("lower_waits", *count, before);
    expect_equal("equal", seL4_TCB_SetPriority(WORKER_TCB, TCB_CAP, 50), 0);
    check("yield_to", worker_runs(yield_to));
    microkit_pd_stop(WORKER);
}

static void check_registers(void)
{
    static seL4_UserContext context;
    seL4_Word own;

    check_equal("tls_base", seL4_TCB_SetTLSBase(TCB_CAP, 0x1234), 0);
    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(own));
    check_equal("own_tls_base", own, 0x1234);
    context.x0 = 1;
    context.x9 = 2;
    seL4_TCB_WriteRegisters(STILL_TCB, seL4_False, 0, 36, &context);
    check_equal("tls_base", seL4_TCB_SetTLSBase(STILL_TCB, 0x5678), 0);
    context.x0 = 3;
    context.x9 = 4;
    seL4_TCB_WriteRegisters(WORKER_TCB, seL4_False, 0, 36, &context);
    check_equal("copy_registers", seL4_TCB_CopyRegisters(WORKER_TCB, STILL_TCB, 0, 0, 0, 1, 0), 0);
    seL4_TCB_ReadRegisters(WORKER_TCB, seL4_False, 0, 36, &context);
    check_equal("others_stay", context.x0, 3);
    check_equal("copied", context.x9, 2);
    check_equal("copied_tls_base", context.tpidr_el0, 0x5678);
    check_equal("copy_own", seL4_TCB_CopyRegisters(WORKER_TCB, TCB_CAP, 0, 0, 1, 1, 0),
                seL4_IllegalOperation);
}

void check_threads(void)
{
    remember_registers();
    check_turns();
    check_contexts();
    check_registers();
    check_registers_are_as_they_were("message_registers_after_operations_on_threads");
    check_equal("maximum", seL4_TCB_SetMCPriority(TCB_CAP, TCB_CAP, 45), 0);
    check_equal("maximum_is_less", seL4_TCB_SetMCPriority(TCB_CAP, TCB_CAP, 46), seL4_RangeError);
    check_equal("priority_above_less", seL4_TCB_SetPriority(WORKER_TCB, TCB_CAP, 46),
                seL4_RangeError);
}
