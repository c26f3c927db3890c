/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls of SDK configuration "benchmark"; in others they are illegal. */
#include <stddef.h>

#include "kernel/sched/account.h"
#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"

enum abi_error benchmark_reset(struct pd *pd, const uint64_t *argument)
{
    (void)pd;
    (void)argument;
    if (!account_is_on) {
        return ABI_ILLEGAL_OPERATION;
    }
    account_reset();
    return ABI_OK;
}

enum abi_error benchmark_finalize(struct pd *pd, const uint64_t *argument)
{
    (void)pd;
    (void)argument;
    if (!account_is_on) {
        return ABI_ILLEGAL_OPERATION;
    }
    account_finalize();
    return ABI_OK;
}

enum abi_error benchmark_reset_thread(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_thread(pd, argument[0]);

    if (!account_is_on || thread == NULL) {
        return thread == NULL ? ABI_INVALID_CAPABILITY : ABI_ILLEGAL_OPERATION;
    }
    account_reset_thread(thread);
    return ABI_OK;
}

enum abi_error benchmark_get_thread(struct pd *pd, const uint64_t *argument)
{
    const struct thread *thread = cap_thread(pd, argument[0]);

    if (!account_is_on || thread == NULL) {
        return thread == NULL ? ABI_INVALID_CAPABILITY : ABI_ILLEGAL_OPERATION;
    }
    account_read(thread, pd->ipc_buffer);
    return ABI_OK;
}
