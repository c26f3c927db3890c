/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls for debugging (invoke.h): the debug console, names, and what there is. */
#include <stddef.h>

#include "kernel/dev/console.h"
#include "kernel/ipc/debuglog.h"
#include "kernel/ipc/report.h"
#include "kernel/lib/log.h"
#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

_Static_assert(ABI_THREAD_COUNT * sizeof(uint64_t) <= ABI_TRANSFER_SIZE, "area[]");
_Static_assert(ABI_THREAD_STATE * sizeof(uint64_t) == ABI_NAME_LENGTH, "a name's words");
_Static_assert((int)ABI_THREAD_RUNNABLE == (int)THREAD_RUNNABLE, "states");
_Static_assert((int)ABI_THREAD_DEPLETED == (int)THREAD_DEPLETED, "states");

/* While the UART has no room, or the kernel is to say something first, the program asks again, in
 * its own time: others preempt it. */
void debug_putc(struct pd *pd)
{
    if (report_is_due() || !console_has_room()) {
        pd->thread.frame.pc -= 4;
        return;
    }
    log_putc((char)pd->thread.frame.x[0]);
}

enum abi_error debug_read(struct pd *pd, const uint64_t *argument)
{
    if ((pd->desc->flags & IMAGE_PD_CONSOLE) == 0) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[0] >= ABI_MAX_CHANNELS || argument[1] > ABI_DEBUG_READ) {
        return ABI_RANGE_ERROR;
    }
    debuglog_take(pd, (unsigned int)argument[0]);
    pd->thread.frame.x[1] = debuglog_read((char *)pd_transfer(pd), argument[1]);
    return ABI_OK;
}

enum abi_error debug_name(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_thread(pd, argument[0]);

    if (!log_is_enabled() || thread == NULL) {
        return thread == NULL ? ABI_INVALID_CAPABILITY : ABI_ILLEGAL_OPERATION;
    }
    thread_rename(thread, (const char *)pd_transfer(pd));
    return ABI_OK;
}

static const struct thread *thread_at(uint64_t index)
{
    if (index < pd_count) {
        return &pds[arch_bound(index, ABI_MAX_PDS)].thread;
    }
    index -= pd_count;
    return index < vcpu_count ? &vcpus[arch_bound(index, ABI_MAX_VCPUS)].thread : NULL;
}

enum abi_error debug_thread(struct pd *pd, const uint64_t *argument)
{
    const struct thread *thread = thread_at(argument[0]);
    uint64_t *words = pd_transfer(pd);

    if (!log_is_enabled() || thread == NULL) {
        return thread == NULL ? ABI_RANGE_ERROR : ABI_ILLEGAL_OPERATION;
    }
    thread_copy_name((char *)&words[ABI_THREAD_NAME], thread->name);
    words[ABI_THREAD_STATE] = thread->state;
    words[ABI_THREAD_PRIORITY] = thread->priority;
    words[ABI_THREAD_CPU] = thread->cpu;
    words[ABI_THREAD_PC] = thread->frame.pc;
    return ABI_OK;
}

enum abi_error debug_identify(struct pd *pd, const uint64_t *argument)
{
    if (!log_is_enabled()) {
        return ABI_ILLEGAL_OPERATION;
    }
    pd->thread.frame.x[1] = cap_identify(pd, argument[0]);
    return ABI_OK;
}
