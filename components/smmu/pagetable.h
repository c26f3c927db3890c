/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's translation table, VMSAv8-64 with pages of 4 KiB: of stage 2 where the SMMU has it,
 * and else of stage 1, used as if its input were the guest's physical addresses. Built once, before
 * anybody is attached, with the largest blocks that fit.
 */
#ifndef SLUICE_COMPONENTS_SMMU_PAGETABLE_H
#define SLUICE_COMPONENTS_SMMU_PAGETABLE_H

#include "components/smmu/state.h"

/* What functions may reach of an address: smmu->input_bits and where tables begin, of the highest
 * address that there is. False: it is more than the SMMU translates. */
bool smmu_pagetable_init(struct smmu *smmu, uint64_t end);
/* The level of a domain's first table, 0 or 1. */
unsigned int smmu_pagetable_first(const struct smmu *smmu);

/* A table of its own for the domain, over its ranges. False: no memory, or ranges overlap. */
bool smmu_pagetable_build(struct smmu *smmu, unsigned int domain);

#endif
