/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on scheduling contexts that <cap_sc> names (invoke.h). */
#include <stddef.h>

#include "kernel/sched/sched.h"
#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"

enum abi_error invoke_sc_consumed(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_sched_context(pd, argument[0]);
    uint64_t microseconds;

    if (thread == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    microseconds = timer_microseconds(thread->own.consumed);
    thread->own.consumed -= timer_ticks(microseconds);
    pd->thread.frame.x[1] = microseconds;
    return ABI_OK;
}

enum abi_error invoke_sc_yield_to(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_sched_context(pd, argument[0]);

    if (thread == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (thread == &pd->thread || thread->priority > pd->thread.maximum) {
        return ABI_ILLEGAL_OPERATION;
    }
    sched_yield_to(cpu_local(), thread);
    return ABI_OK;
}
