/* SPDX-License-Identifier: BSD-2-Clause */
/* What an SMMUv3 can do, of its identification registers (IHI 0070, 6.3.1 to 6.3.6). */
#ifndef SLUICE_COMPONENTS_SMMU_FEATURES_H
#define SLUICE_COMPONENTS_SMMU_FEATURES_H

#include "components/smmu/state.h"

/* False: it is none that the owner can drive, and a line says what was expected and found. */
bool smmu_find_features(struct smmu_features *features, uintptr_t registers);

#endif
