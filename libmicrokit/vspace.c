/* SPDX-License-Identifier: BSD-2-Clause */
/* Cache maintenance, a page a system call: no call is longer than others, however large the range.
 */
#include <microkit.h>

#include "abi/limits.h"
#include "abi/syscall.h"

#define SPACE_END (1UL << ABI_IPA_BITS)

static seL4_Error maintain(enum abi_cache operation, seL4_CPtr vspace, seL4_Word start,
                           seL4_Word end)
{
    if (start >= end) {
        return seL4_InvalidArgument;
    }
    if (end > SPACE_END) {
        return seL4_IllegalOperation;
    }
    while (start < end) {
        seL4_Word page_end = (start & ~(ABI_PAGE_SIZE - 1)) + ABI_PAGE_SIZE;
        seL4_Word part_end = page_end < end ? page_end : end;
        seL4_Word error =
            sluice_syscall(SLUICE_SYS_VSPACE_CACHE, vspace, operation, start, part_end, 0).x0;

        if (error != seL4_NoError) {
            return (seL4_Error)error;
        }
        start = part_end;
    }
    return seL4_NoError;
}

seL4_Error seL4_ARM_VSpace_Clean_Data(seL4_CPtr vspace, seL4_Word start, seL4_Word end)
{
    return maintain(ABI_CACHE_CLEAN, vspace, start, end);
}

seL4_Error seL4_ARM_VSpace_Invalidate_Data(seL4_CPtr vspace, seL4_Word start, seL4_Word end)
{
    return maintain(ABI_CACHE_CLEAN_INVALIDATE, vspace, start, end);
}

seL4_Error seL4_ARM_VSpace_CleanInvalidate_Data(seL4_CPtr vspace, seL4_Word start, seL4_Word end)
{
    return maintain(ABI_CACHE_CLEAN_INVALIDATE, vspace, start, end);
}

seL4_Error seL4_ARM_VSpace_Unify_Instruction(seL4_CPtr vspace, seL4_Word start, seL4_Word end)
{
    return maintain(ABI_CACHE_UNIFY, vspace, start, end);
}
