/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command queue (IHI 0070, 3.5 and chapter 4). What is given is done when smmu_sync() says so,
 * and never waited for longer than SMMU_LIMIT_MS: who calls the owner waits with it.
 */
#ifndef SLUICE_COMPONENTS_SMMU_COMMANDS_H
#define SLUICE_COMPONENTS_SMMU_COMMANDS_H

#include "components/smmu/state.h"

#define SMMU_LIMIT_MS 100

/* A register comes to be `value` in the bits of `mask`. False: not in time. */
bool smmu_wait_for(uintptr_t address, uint32_t mask, uint32_t value);

/* Takes the queue's memory, and tells the SMMU, which does not use it yet. False: no memory. */
bool smmu_commands_init(struct smmu *smmu);
/* Two words. When the queue is full: after the SMMU has made room, in time or not at all, which
 * smmu_sync() then tells. */
void smmu_command(struct smmu *smmu, uint64_t word0, uint64_t word1);
/* All commands until now are done, with all that they are to wait for. False: they are not, or the
 * SMMU refused one. After one that was late the next ones do not wait any more until all of the
 * queue has been done. */
bool smmu_sync(struct smmu *smmu);
/* GERROR says that the SMMU refused a command and stands still. The command is replaced by one that
 * does nothing, before the error is acknowledged. */
void smmu_commands_repair(struct smmu *smmu);

#endif
