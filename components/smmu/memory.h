/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory that the SMMU's queues and tables are carved from, once and for all. */
#ifndef SLUICE_COMPONENTS_SMMU_MEMORY_H
#define SLUICE_COMPONENTS_SMMU_MEMORY_H

#include "components/smmu/state.h"

/* `size`, a power of two, on a multiple of itself as the SMMU sees it; zeroed. 0: there is not so
 * much left. */
uintptr_t smmu_take(struct smmu_memory *memory, uint64_t size);
uint64_t smmu_paddr_of(const struct smmu_memory *memory, uintptr_t vaddr);
uintptr_t smmu_vaddr_of(const struct smmu_memory *memory, uint64_t paddr);

#endif
