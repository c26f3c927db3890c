/* SPDX-License-Identifier: BSD-2-Clause */
/* What the description says, checked: nothing else of the owner looks whether a number of it is
 * one.
 */
#ifndef SLUICE_COMPONENTS_SMMU_RANGES_H
#define SLUICE_COMPONENTS_SMMU_RANGES_H

#include "components/smmu/state.h"

/* False: a line says what is wrong. Of ranges it is not said yet whether they overlap. */
bool smmu_config_is_sound(const struct smmu_setup *setup);

uint64_t smmu_range_paddr(const struct smmu_setup *setup, const struct smmu_config_range *range);
/* One past the highest input address, and the highest physical one, of all domains. */
uint64_t smmu_ranges_end(const struct smmu_setup *setup, uint64_t *paddr_end);

#endif
