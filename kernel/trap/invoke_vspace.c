/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cache maintenance on what an address space maps (invoke.h): a page at most, so that no call is
 * longer than others. It goes by the kernel's own mapping of that memory.
 */
#include <stddef.h>

#include "kernel/mm/pgtable.h"
#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"

static bool is_within_page(uint64_t start, uint64_t end)
{
    return start < end && end <= 1UL << ABI_IPA_BITS &&
           start / ABI_PAGE_SIZE == (end - 1) / ABI_PAGE_SIZE;
}

enum abi_error invoke_vspace_cache(struct pd *pd, const uint64_t *argument)
{
    static const enum arch_cache operations[ABI_CACHE_COUNT] = {
        [ABI_CACHE_CLEAN] = ARCH_CACHE_CLEAN,
        [ABI_CACHE_CLEAN_INVALIDATE] = ARCH_CACHE_CLEAN_INVALIDATE,
        [ABI_CACHE_UNIFY] = ARCH_CACHE_UNIFY,
    };
    const struct thread *thread = cap_vspace(pd, argument[0]);
    struct pgtable table;
    paddr_t paddr;

    if (thread == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= ABI_CACHE_COUNT) {
        return ABI_INVALID_ARGUMENT;
    }
    if (!is_within_page(argument[2], argument[3])) {
        return ABI_RANGE_ERROR;
    }
    table.root.raw = arch_stage2_root(thread->stage2);
    if (pgtable_find_memory(&table, (ipa_t){arch_bound(argument[2], 1UL << ABI_IPA_BITS)},
                            &paddr)) {
        arch_cache_maintain(paddr.raw, argument[3] - argument[2],
                            operations[arch_bound(argument[1], ABI_CACHE_COUNT)]);
    }
    return ABI_OK;
}
