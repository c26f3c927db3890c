/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on threads (invoke.h): of children, vCPUs, and what <cspace> names. */
#include <stddef.h>

#include "kernel/ipc/endpoint.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/context.h"
#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"

/* A thread whose registers the caller may read or write: any of its TCBs but its own. */
static struct thread *other_thread(struct pd *pd, uint64_t cap, uint64_t words,
                                   enum abi_error *error)
{
    struct thread *thread = cap_thread(pd, cap);

    *error = ABI_OK;
    if (thread == NULL) {
        *error = ABI_INVALID_CAPABILITY;
    } else if (thread == &pd->thread) {
        *error = ABI_ILLEGAL_OPERATION;
    } else if (words < 1 || words > ABI_CONTEXT_WORDS) {
        *error = ABI_INVALID_ARGUMENT;
    }
    return *error == ABI_OK ? thread : NULL;
}

/* All registers of a thread are in memory, wherever it runs. */
static void settle(struct thread *thread)
{
    if (cpus[thread->cpu].current == thread) {
        smp_evict_core(thread->cpu);
    }
}

/* A vCPU that starts elsewhere has nothing to sleep for. */
static void forget_sleep(struct thread *thread)
{
    if (thread->kind == THREAD_VCPU) {
        vcpu_from_thread(thread)->due &= ~VCPU_DUE_SLEEP;
    }
}

enum abi_error invoke_tcb_read_registers(struct pd *pd, const uint64_t *argument)
{
    enum abi_error error;
    struct thread *thread = other_thread(pd, argument[0], argument[2], &error);

    if (thread == NULL) {
        return error;
    }
    if (argument[1] != 0) {
        endpoint_suspend(thread);
    }
    settle(thread);
    context_read(thread, pd_transfer(pd), argument[2]);
    return ABI_OK;
}

/* It begins at the pc just written, whatever it was doing. */
enum abi_error invoke_tcb_write_registers(struct pd *pd, const uint64_t *argument)
{
    enum abi_error error;
    struct thread *thread = other_thread(pd, argument[0], argument[2], &error);

    if (thread == NULL) {
        return error;
    }
    if (!context_may_write(thread, pd_transfer(pd), argument[2])) {
        return ABI_INVALID_ARGUMENT;
    }
    if (argument[1] != 0) {
        endpoint_suspend(thread);
        forget_sleep(thread);
    }
    settle(thread);
    sched_void_trap(thread);
    context_write(thread, pd_transfer(pd), argument[2]);
    thread->resume = THREAD_RESUME_RUN;
    if (argument[1] != 0) {
        endpoint_resume(thread);
    }
    return ABI_OK;
}

enum abi_error invoke_tcb_suspend(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_thread(pd, argument[0]);

    if (thread == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    endpoint_suspend(thread);
    return ABI_OK;
}

enum abi_error invoke_tcb_resume(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_thread(pd, argument[0]);

    if (thread == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    endpoint_resume(thread);
    return ABI_OK;
}

/* A thread, and a priority for it that is not above what another that the caller holds may give. */
static enum abi_error decode_priority(struct pd *pd, const uint64_t *argument,
                                      struct thread **thread)
{
    const struct thread *authority = cap_thread(pd, argument[1]);

    *thread = cap_thread(pd, argument[0]);
    if (*thread == NULL || authority == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    return argument[2] > authority->maximum ? ABI_RANGE_ERROR : ABI_OK;
}

enum abi_error invoke_tcb_set_priority(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread;
    enum abi_error error = decode_priority(pd, argument, &thread);

    if (error == ABI_OK) {
        endpoint_set_priority(thread, (uint8_t)argument[2]);
    }
    return error;
}

enum abi_error invoke_tcb_set_maximum(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread;
    enum abi_error error = decode_priority(pd, argument, &thread);

    if (error == ABI_OK) {
        thread->maximum = (uint8_t)argument[2];
    }
    return error;
}

enum abi_error invoke_tcb_set_tls_base(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_thread(pd, argument[0]);

    if (thread == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (thread == &pd->thread) {
        arch_tls_load(argument[1], pd->thread.tpidrro_el0);
    } else {
        settle(thread);
        thread->tpidr_el0 = argument[1];
    }
    return ABI_OK;
}
