/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protected calls of a VMM to the owner of the SMMU. Both ends: a message label, and the StreamID
 * in message register 0. A VMM reaches the streams of its own domain alone, which its channel
 * tells.
 *
 * The owner notifies on the same channel when a stream of the domain has had faults: once, until
 * the VMM asks for them by SMMU_FAULTS.
 */
#ifndef SLUICE_COMPONENTS_SMMU_SMMU_H
#define SLUICE_COMPONENTS_SMMU_SMMU_H

enum smmu_call {
    SMMU_ATTACH = 1, /* the stream translates through its domain's table */
    SMMU_DETACH,     /* it aborts; when this returns SMMU_OK, no access of it is under way */
    SMMU_FAULTS,     /* what it was refused: enum smmu_faults */
};

/* The label of the answer, which has message registers for SMMU_FAULTS alone. */
enum smmu_status {
    SMMU_OK = 1,    /* 0 is what a channel that is none answers */
    SMMU_NOT_YOURS, /* no such stream in the caller's domain */
    SMMU_BAD_CALL,
    SMMU_FAILED, /* the hardware did not answer in time, reported an error, or is not one that the
                    owner can drive. The stream is to abort, but what was under way may still be */
};

/* Message registers of the answer to SMMU_FAULTS. */
enum smmu_faults {
    SMMU_FAULTS_COUNT,   /* recorded since the machine's start */
    SMMU_FAULTS_ADDRESS, /* the last one's: where the function wanted to go */
    SMMU_FAULTS_KIND,    /* SMMU_FAULT_*, of the last one; 0: there was none */
    SMMU_FAULTS_WORDS,
};

/* SMMU_FAULT_*: READ and WRITE are what the function wanted; neither: its stream's entry or tables
 * are wrong. SUPPRESSED: there were so many that further ones are not recorded; a call that does
 * not come too early has them recorded again. */
#define SMMU_FAULT_READ       0x1
#define SMMU_FAULT_WRITE      0x2
#define SMMU_FAULT_SUPPRESSED 0x4

#endif
