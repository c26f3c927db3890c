/* SPDX-License-Identifier: BSD-2-Clause */
/* What functions behind an SMMU reach, for the report. */
#include <inttypes.h>

#include "tool/vmconf/smmu.h"

/* The region that it begins with. */
static const char *name_range(const struct smmu_owner *owner, const struct sdf *sdf,
                              const struct smmu_config_range *range, bool *is_all)
{
    for (size_t i = 0; i < sdf->region_count; i++) {
        const struct sdf_region *region = &sdf->regions[i];
        bool is_it = range->symbol == SMMU_CONFIG_FIXED_PADDR
                         ? region->has_phys_addr && region->phys_addr == range->paddr
                         : smmu_find_paddr(owner, i) == range->symbol;
        if (is_it) {
            *is_all = region->size == range->size;
            return region->name;
        }
    }
    *is_all = true;
    return "?";
}

static void write_domain(const struct smmu_owner *owner, const struct sdf *sdf, uint32_t index,
                         FILE *file)
{
    const struct smmu_config *config = &owner->config;
    const struct smmu_config_domain *domain = &config->domains[index];

    fprintf(file, "  virtual machine %s, by channel %u:\n", domain->name, domain->channel);
    for (uint32_t i = 0; i < config->stream_count; i++) {
        if (config->streams[i].domain == index) {
            fprintf(file, "    %s, StreamID 0x%" PRIx32 "\n", config->streams[i].name,
                    config->streams[i].id);
        }
    }
    for (uint32_t i = 0; i < domain->range_count; i++) {
        const struct smmu_config_range *range = &config->ranges[domain->first_range + i];
        bool is_all = true;
        const char *name = (range->flags & SMMU_CONFIG_DEVICE) != 0
                               ? "the doorbell of its vectors"
                               : name_range(owner, sdf, range, &is_all);
        fprintf(file, "    reaches 0x%010" PRIx64 "..0x%010" PRIx64 "  %s%s\n", range->ipa,
                range->ipa + range->size, name, is_all ? "" : ", and what is behind it");
    }
}

void smmu_write_report(const struct smmu_owner *owner, const struct sdf *sdf,
                       const struct board *board, FILE *file)
{
    const struct sdf_region *tables = &sdf->regions[owner->tables->region];

    fprintf(file, "SMMU %s (owner: protection domain %s, program %s)\n",
            board->tree->nodes[owner->smmu->node].path, owner->pd->name, owner->pd->image_path);
    fprintf(file, "  tables: at most 0x%" PRIx64 " bytes of 0x%" PRIx64 ", region %s\n",
            owner->tables_size, tables->size, tables->name);
    for (uint32_t i = 0; i < owner->config.domain_count; i++) {
        write_domain(owner, sdf, i, file);
    }
}
