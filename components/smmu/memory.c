/* SPDX-License-Identifier: BSD-2-Clause */
/* See memory.h. */
#include "components/smmu/memory.h"

#include "components/smmu/hardware.h"

uintptr_t smmu_take(struct smmu_memory *memory, uint64_t size)
{
    uint64_t gap = -(memory->paddr + memory->used) & (size - 1);
    uintptr_t taken;

    if (gap > memory->size - memory->used || size > memory->size - memory->used - gap) {
        return 0;
    }
    taken = memory->vaddr + memory->used + gap;
    memory->used += gap + size;
    for (uint64_t i = 0; i < size; i += sizeof(uint64_t)) {
        smmu_store(taken + i, 0);
    }
    return taken;
}

uint64_t smmu_paddr_of(const struct smmu_memory *memory, uintptr_t vaddr)
{
    return memory->paddr + (vaddr - memory->vaddr);
}

uintptr_t smmu_vaddr_of(const struct smmu_memory *memory, uint64_t paddr)
{
    return memory->vaddr + (paddr - memory->paddr);
}
