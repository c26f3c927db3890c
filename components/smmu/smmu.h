/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protected calls of a VMM to the owner of the SMMU. Both ends: a message label, and the StreamID
 * in message register 0. A VMM reaches the streams of its own domain alone, which its channel tells.
 */
#ifndef SLUICE_COMPONENTS_SMMU_SMMU_H
#define SLUICE_COMPONENTS_SMMU_SMMU_H

enum smmu_call {
    SMMU_ATTACH = 1, /* the stream translates through its domain's table */
    SMMU_DETACH,     /* it aborts; when this returns, no access of the function is under way */
    SMMU_FAULTS,     /* mr 0: the number since the machine's start; what the last one was: mr 1..3 */
};

/* The label of the answer. */
enum smmu_status {
    SMMU_OK,
    SMMU_NOT_YOURS, /* no such stream in the caller's domain */
    SMMU_BAD_CALL,
    SMMU_FAILED, /* the hardware did not answer in time, or reported an error: the stream aborts */
};

#endif
