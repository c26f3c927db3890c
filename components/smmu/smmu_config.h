/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vmconf derives for the owner of an SMMUv3: which functions there are behind it, whose they
 * are, and what each may reach. The contents of the ELF section SMMU_CONFIG_SECTION of smmu.elf.
 *
 * Symbols of smmu.elf that the description fills, 8 bytes each:
 *
 *   smmu_vaddr            the registers, 128 KiB, mapped uncached
 *   smmu_tables_vaddr     memory for queues, stream table and translation tables, mapped uncached
 * and smmu_tables_size      by nobody else: as many pages of 4 KiB as smmu_config_pages() says
 *   smmu_tables_paddr     its physical address, by region_paddr
 *   region_paddr_0 ...    see SMMU_CONFIG_MAX_PADDRS
 *
 * Stands alone (tool/vmconf writes it, components/smmu reads it). Little-endian, fixed width.
 * Entries past a count are zero.
 */
#ifndef SLUICE_COMPONENTS_SMMU_SMMU_CONFIG_H
#define SLUICE_COMPONENTS_SMMU_SMMU_CONFIG_H

#include <stdint.h>

#define SMMU_CONFIG_SECTION ".smmu_config"
#define SMMU_CONFIG_MAGIC   0x55434d4d53564c53UL /* "SLVSMMCU" */
#define SMMU_CONFIG_VERSION 2

#define SMMU_CONFIG_MAX_STREAMS 32
#define SMMU_CONFIG_MAX_DOMAINS 16
#define SMMU_CONFIG_MAX_RANGES  1024
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

/* One guest: its functions share a table. Its ranges are in the order of their ipa, and do not
 * overlap there. */
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

/* Tables that a domain's ranges take, counted in the order of their addresses: `ends` are where
 * those that are counted end, in pieces of 512 GiB, 1 GiB and 2 MiB. */
struct smmu_config_tables {
    uint64_t count;
    uint64_t ends[3];
};

/* A table for each naturally aligned piece of 2^shift bytes that [start, start + size) touches, if
 * it has none yet. */
static inline void smmu_config_count(struct smmu_config_tables *tables, unsigned int level,
                                     uint64_t start, uint64_t size)
{
    unsigned int shift = 39 - 9 * level;
    uint64_t first = start >> shift;
    uint64_t end = ((start + size - 1) >> shift) + 1;

    first = first < tables->ends[level] ? tables->ends[level] : first;
    if (end > first) {
        tables->count += end - first;
        tables->ends[level] = end;
    }
}

/* At most, for a range whose physical address is `paddr`: tables that have its pieces of 2 MiB, and
 * those that have pages, where it has pieces that are no whole ones, or lies elsewhere within 2 MiB
 * than its memory does. */
static inline void smmu_config_count_range(struct smmu_config_tables *tables, uint64_t ipa,
                                           uint64_t paddr, uint64_t size)
{
    uint64_t mask = (1UL << 21) - 1;

    smmu_config_count(tables, 0, ipa, size);
    smmu_config_count(tables, 1, ipa, size);
    if (((ipa ^ paddr) & mask) != 0) {
        smmu_config_count(tables, 2, ipa, size);
        return;
    }
    if ((ipa & mask) != 0) {
        smmu_config_count(tables, 2, ipa, 1);
    }
    if (((ipa + size) & mask) != 0) {
        smmu_config_count(tables, 2, ipa + size - 1, 1);
    }
}

/* Of a domain, without its first one. */
static inline uint64_t smmu_config_domain_tables(const struct smmu_config *config,
                                                 const struct smmu_config_domain *domain,
                                                 const uint64_t *paddrs)
{
    struct smmu_config_tables tables = {0};

    for (uint32_t i = 0; i < domain->range_count; i++) {
        const struct smmu_config_range *range = &config->ranges[domain->first_range + i];
        uint64_t paddr = range->paddr;

        if (range->symbol != SMMU_CONFIG_FIXED_PADDR) {
            paddr += paddrs[range->symbol];
        }
        smmu_config_count_range(&tables, range->ipa, paddr, range->size);
    }
    return tables.count;
}

/* Pages for all but translation tables: queues, context descriptors, and a stream table in two
 * levels with 64 entries in a page of the second. */
static inline uint64_t smmu_config_stream_pages(const struct smmu_config *config)
{
    uint64_t pages = 2 + 1 + 3; /* the first level takes two, which are aligned to their size */

    for (uint32_t i = 0; i < config->stream_count; i++) {
        uint32_t same = 0;

        for (uint32_t j = 0; j < i; j++) {
            same += config->streams[j].id >> 6 == config->streams[i].id >> 6;
        }
        pages += same == 0;
    }
    return pages;
}

/* All pages. `paddrs`: the value of each symbol, or a number that has the same remainder by 2 MiB.
 */
static inline uint64_t smmu_config_pages(const struct smmu_config *config, const uint64_t *paddrs)
{
    uint64_t pages = smmu_config_stream_pages(config) + config->domain_count;

    for (uint32_t i = 0; i < config->domain_count; i++) {
        pages += smmu_config_domain_tables(config, &config->domains[i], paddrs);
    }
    return pages;
}

#endif
