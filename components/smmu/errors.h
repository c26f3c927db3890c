/* SPDX-License-Identifier: BSD-2-Clause */
/* Global errors (IHI 0070, 7.5): what GERROR says and GERRORN has not acknowledged. */
#ifndef SLUICE_COMPONENTS_SMMU_ERRORS_H
#define SLUICE_COMPONENTS_SMMU_ERRORS_H

#include "components/smmu/state.h"

/* Handles what there is, and acknowledges it. One line for each kind, ever. */
void smmu_errors_take(struct smmu *smmu);

#endif
