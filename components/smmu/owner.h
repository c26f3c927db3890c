/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The owner of an SMMUv3: what is done at start, for a VMM's call and for an interrupt. Nothing
 * reaches memory through the SMMU but what its description says, and that only while its VMM has
 * attached it. An SMMU that the owner cannot drive, or a description that it cannot follow, leaves
 * everything aborting: VMMs are told so when they ask, and keep their functions from mastering DMA.
 */
#ifndef SLUICE_COMPONENTS_SMMU_OWNER_H
#define SLUICE_COMPONENTS_SMMU_OWNER_H

#include <microkit.h>

#include "components/smmu/state.h"

/* Once; `smmu` is zero. What `setup` points to stays the caller's. */
void smmu_start(struct smmu *smmu, const struct smmu_setup *setup);
void smmu_notified(struct smmu *smmu, microkit_channel ch);
/* Microkit's protected(): smmu.h. */
microkit_msginfo smmu_called(struct smmu *smmu, microkit_channel ch, microkit_msginfo info);

#endif
