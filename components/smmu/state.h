/* SPDX-License-Identifier: BSD-2-Clause */
/* What the owner of an SMMUv3 knows: one struct, and who owns which part of it. */
#ifndef SLUICE_COMPONENTS_SMMU_STATE_H
#define SLUICE_COMPONENTS_SMMU_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "components/smmu/smmu_config.h"

/* Where everything is; what the description says. */
struct smmu_setup {
    const struct smmu_config *config;
    const uint64_t *paddrs; /* SMMU_CONFIG_MAX_PADDRS values of region_paddr_N */
    uintptr_t registers;
    uintptr_t tables; /* memory for queues and tables, */
    uint64_t tables_size;
    uint64_t tables_paddr; /* and its physical address */
};

/* features.c */
struct smmu_features {
    bool has_stage2;
    bool has_two_levels; /* of the stream table */
    bool has_hyp;
    unsigned int stream_bits;
    unsigned int output_size; /* encoded as in IDR5.OAS, at most 48 bits */
    unsigned int output_bits;
    unsigned int command_bits; /* log2 of the most entries */
    unsigned int event_bits;
};

/* memory.c: taken from the start on, never given back */
struct smmu_memory {
    uintptr_t vaddr;
    uint64_t paddr;
    uint64_t size;
    uint64_t used;
};

/* commands.c. Indices have a bit more than the queue needs, and wrap. */
struct smmu_commands {
    uintptr_t queue;
    unsigned int bits;
    uint32_t prod;
    bool is_late;           /* did not do what it was given in time */
    uint32_t error_count;   /* commands that the SMMU refused, or that it had no room for */
    uint32_t synced_errors; /* of them: before the last smmu_sync() */
};

/* events.c */
struct smmu_events {
    uintptr_t queue;
    unsigned int bits;
    uint32_t cons;          /* with EVENTQ_OVERFLOW */
    uint32_t lost_count;    /* how often events were lost */
    uint32_t unknown_count; /* those of streams that nobody has */
    uint32_t reported;      /* GERROR bits that there was a line about */
};

/* streams.c, but for what is about faults: faults.c */
struct smmu_stream {
    uintptr_t entry;      /* its STE */
    uintptr_t descriptor; /* its CD, where there is one */
    uint64_t translating; /* word 0 of the STE while it is attached */
    bool is_attached;
    bool is_suppressed;    /* faults are not recorded */
    uint32_t window_count; /* of faults, since window_start */
    uint64_t window_start; /* CNTPCT */
    uint32_t fault_count;
    uint32_t fault_kind; /* SMMU_FAULT_* */
    uint64_t fault_address;
};

struct smmu_domain {
    uint64_t root;    /* physical address of its first table */
    bool is_notified; /* and has not asked since */
    bool is_due;      /* there are faults to be notified of */
};

struct smmu {
    struct smmu_setup setup;
    bool is_ready; /* the SMMU is on */
    struct smmu_features features;
    struct smmu_memory memory;
    struct smmu_commands commands;
    struct smmu_events events;
    unsigned int input_bits; /* of what functions may ask for */
    struct smmu_stream streams[SMMU_CONFIG_MAX_STREAMS];
    struct smmu_domain domains[SMMU_CONFIG_MAX_DOMAINS];
};

#endif
