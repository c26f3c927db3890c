/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event queue (IHI 0070, 3.5 and chapter 7): what functions tried and were refused. It is
 * small, and whoever fills it is stopped from doing so: a stream with SMMU_BURST events within a
 * second has its further ones suppressed, which costs the SMMU and its owner nothing.
 */
#ifndef SLUICE_COMPONENTS_SMMU_EVENTS_H
#define SLUICE_COMPONENTS_SMMU_EVENTS_H

#include "components/smmu/smmu.h"
#include "components/smmu/state.h"

#define SMMU_BURST     64
#define SMMU_WINDOW_MS 1000

/* Takes the queue's memory, and tells the SMMU. False: no memory. */
bool smmu_events_init(struct smmu *smmu);
/* All events that there are, a few queues full at most. Notifies domains of faults, each once until
 * it asks. */
void smmu_events_take(struct smmu *smmu);
/* What the stream was refused, in SMMU_FAULTS_WORDS words; its domain has asked. */
void smmu_faults_tell(struct smmu *smmu, unsigned int stream, uint64_t *words);
/* The stream begins anew: nothing of it is suppressed. */
void smmu_faults_begin(struct smmu *smmu, unsigned int stream);

#endif
