/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vmconf derives for the owner of an SMMUv3: which functions there are behind it, whose they
 * are, and what each may reach. The contents of the ELF section SMMU_CONFIG_SECTION of smmu.elf.
 *
 * Stands alone (tool/vmconf writes it, components/smmu reads it). Little-endian, fixed width.
 * Entries past a count are zero.
 */
#ifndef SLUICE_COMPONENTS_SMMU_SMMU_CONFIG_H
#define SLUICE_COMPONENTS_SMMU_SMMU_CONFIG_H

#include <stdint.h>

#define SMMU_CONFIG_SECTION ".smmu_config"
#define SMMU_CONFIG_MAGIC   0x55434d4d53564c53UL /* "SLVSMMCU" */
#define SMMU_CONFIG_VERSION 1

#define SMMU_CONFIG_MAX_STREAMS 32
#define SMMU_CONFIG_MAX_DOMAINS 16
#define SMMU_CONFIG_MAX_RANGES  64
/* Symbols region_paddr_0.. of smmu.elf: physical addresses that the image tool chooses, written by
 * <setvar symbol="region_paddr_N" region_paddr="REGION" />. */
#define SMMU_CONFIG_MAX_PADDRS 32

#define SMMU_CONFIG_FIXED_PADDR 0xffffffffu

#define SMMU_CONFIG_DEVICE 0x1 /* memory type: a doorbell or another device; otherwise RAM */

/* Memory that a domain's functions reach. Multiples of 4 KiB. */
struct smmu_config_range {
    uint64_t ipa;
    uint64_t paddr; /* added to the symbol's value, or alone */
    uint64_t size;
    uint32_t symbol; /* N of region_paddr_N, or SMMU_CONFIG_FIXED_PADDR */
    uint32_t flags;  /* SMMU_CONFIG_* */
};

/* One guest: its functions share a table. */
struct smmu_config_domain {
    char name[24];    /* of the VM; for messages */
    uint16_t channel; /* to its VMM, in the SMMU's owner */
    uint16_t first_range;
    uint16_t range_count;
    uint16_t reserved;
};

/* One function. Its stream aborts until its VMM attaches it. */
struct smmu_config_stream {
    char name[24]; /* of the function; for messages */
    uint32_t id;   /* StreamID, of the board's iommu-map */
    uint16_t domain;
    uint16_t reserved;
};

struct smmu_config {
    uint64_t magic;
    uint32_t version;
    uint32_t stream_count;
    uint32_t domain_count;
    uint32_t range_count;
    uint32_t event_channel; /* of the <irq> "eventq" */
    uint32_t error_channel; /* of the <irq> "gerror" */
    struct smmu_config_stream streams[SMMU_CONFIG_MAX_STREAMS];
    struct smmu_config_domain domains[SMMU_CONFIG_MAX_DOMAINS];
    struct smmu_config_range ranges[SMMU_CONFIG_MAX_RANGES];
};

#endif
