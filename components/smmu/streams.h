/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stream table, and what its entries say. All entries but the description's streams abort, and
 * so do those until they are attached: word 0 of an entry changes between two values, the rest
 * never does but for whether faults are recorded.
 */
#ifndef SLUICE_COMPONENTS_SMMU_STREAMS_H
#define SLUICE_COMPONENTS_SMMU_STREAMS_H

#include "components/smmu/state.h"

/* Bytes for a stream table without a second level, or 0: there is one. */
uint64_t smmu_streams_linear_size(const struct smmu *smmu);
/* Takes its memory and writes all of it; domains have their tables. The SMMU is told. False: no
 * memory. */
bool smmu_streams_init(struct smmu *smmu);

/* False: the SMMU did not do it, and the stream is to abort. */
bool smmu_stream_attach(struct smmu *smmu, unsigned int stream);
/* False: the stream is to abort, and what was under way may still be. */
bool smmu_stream_detach(struct smmu *smmu, unsigned int stream);
/* Whether its faults are recorded. */
void smmu_stream_record(struct smmu *smmu, unsigned int stream, bool is_recorded);

#endif
