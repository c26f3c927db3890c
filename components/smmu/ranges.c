/* SPDX-License-Identifier: BSD-2-Clause */
/* See ranges.h. */
#include "components/smmu/ranges.h"

#include <inttypes.h>
#include <stddef.h>

#include "components/smmu/registers.h"
#include "components/smmu/report.h"

#define ADDRESS_BITS 52 /* more than any SMMU has: sums do not overflow */
#define CHANNELS     62

uint64_t smmu_range_paddr(const struct smmu_setup *setup, const struct smmu_config_range *range)
{
    return range->symbol == SMMU_CONFIG_FIXED_PADDR ? range->paddr
                                                    : setup->paddrs[range->symbol] + range->paddr;
}

static bool is_range(uint64_t start, uint64_t size)
{
    return (start | size) % SMMU_PAGE == 0 && size > 0 && size <= 1UL << ADDRESS_BITS &&
           start <= (1UL << ADDRESS_BITS) - size;
}

/* The owner's own memory is nobody else's. */
static bool is_in_tables(const struct smmu_setup *setup, uint64_t paddr, uint64_t size)
{
    return paddr < setup->tables_paddr + setup->tables_size && setup->tables_paddr < paddr + size;
}

static const char *range_problem(const struct smmu_setup *setup,
                                 const struct smmu_config_range *range)
{
    if (range->symbol >= SMMU_CONFIG_MAX_PADDRS && range->symbol != SMMU_CONFIG_FIXED_PADDR) {
        return "no such symbol";
    }
    if (range->symbol != SMMU_CONFIG_FIXED_PADDR &&
        !is_range(setup->paddrs[range->symbol], SMMU_PAGE)) {
        return "its region_paddr was not filled by the image tool";
    }
    if (range->paddr >= 1UL << ADDRESS_BITS || !is_range(range->ipa, range->size) ||
        !is_range(smmu_range_paddr(setup, range), range->size)) {
        return "not one of whole pages";
    }
    return is_in_tables(setup, smmu_range_paddr(setup, range), range->size)
               ? "over the SMMU's own tables"
               : NULL;
}

/* Within a domain; they are ranges. */
static bool are_in_order(const struct smmu_config *config, const struct smmu_config_domain *domain)
{
    for (unsigned int i = 1; i < domain->range_count; i++) {
        const struct smmu_config_range *range = &config->ranges[domain->first_range + i];

        if (range[-1].ipa + range[-1].size > range->ipa) {
            smmu_report("%.*s: expected ranges in order that do not overlap, found others",
                        (int)sizeof(domain->name), domain->name);
            return false;
        }
    }
    return true;
}

static bool are_ranges_sound(const struct smmu_setup *setup)
{
    for (unsigned int i = 0; i < setup->config->range_count; i++) {
        const char *problem = range_problem(setup, &setup->config->ranges[i]);

        if (problem != NULL) {
            smmu_report("range %u, at 0x%" PRIx64 ": %s", i, setup->config->ranges[i].ipa, problem);
            return false;
        }
    }
    for (unsigned int i = 0; i < setup->config->domain_count; i++) {
        if (!are_in_order(setup->config, &setup->config->domains[i])) {
            return false;
        }
    }
    return true;
}

static bool are_domains_sound(const struct smmu_config *config)
{
    for (unsigned int i = 0; i < config->domain_count; i++) {
        const struct smmu_config_domain *domain = &config->domains[i];

        if (domain->channel >= CHANNELS || domain->first_range > config->range_count ||
            domain->range_count > config->range_count - domain->first_range) {
            return false;
        }
        for (unsigned int j = 0; j < i; j++) {
            if (config->domains[j].channel == domain->channel) {
                return false;
            }
        }
    }
    return true;
}

static bool are_streams_sound(const struct smmu_config *config)
{
    for (unsigned int i = 0; i < config->stream_count; i++) {
        if (config->streams[i].domain >= config->domain_count) {
            return false;
        }
        for (unsigned int j = 0; j < i; j++) {
            if (config->streams[j].id == config->streams[i].id) {
                return false;
            }
        }
    }
    return true;
}

bool smmu_config_is_sound(const struct smmu_setup *setup)
{
    const struct smmu_config *config = setup->config;

    if (config->magic != SMMU_CONFIG_MAGIC) {
        smmu_report("there is no configuration: section " SMMU_CONFIG_SECTION
                    " was not filled by vmconf");
        return false;
    }
    if (config->version != SMMU_CONFIG_VERSION) {
        smmu_report("the configuration is of another version of vmconf");
        return false;
    }
    if (config->stream_count > SMMU_CONFIG_MAX_STREAMS ||
        config->domain_count > SMMU_CONFIG_MAX_DOMAINS ||
        config->range_count > SMMU_CONFIG_MAX_RANGES || !are_domains_sound(config) ||
        !are_streams_sound(config)) {
        smmu_report("the configuration is damaged");
        return false;
    }
    if (setup->registers == 0 || setup->tables == 0 ||
        !is_range(setup->tables_paddr, setup->tables_size)) {
        smmu_report("expected smmu_vaddr, smmu_tables_vaddr, smmu_tables_size and "
                    "smmu_tables_paddr filled by the description");
        return false;
    }
    return are_ranges_sound(setup);
}

uint64_t smmu_ranges_end(const struct smmu_setup *setup, uint64_t *paddr_end)
{
    uint64_t end = 0;

    *paddr_end = setup->tables_paddr + setup->tables_size;
    for (unsigned int i = 0; i < setup->config->range_count; i++) {
        const struct smmu_config_range *range = &setup->config->ranges[i];
        uint64_t paddr = smmu_range_paddr(setup, range) + range->size;

        end = range->ipa + range->size > end ? range->ipa + range->size : end;
        *paddr_end = paddr > *paddr_end ? paddr : *paddr_end;
    }
    return end;
}
