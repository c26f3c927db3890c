/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions behind an SMMU, and the program that owns it (docs/smmu.md): the protection domain that
 * the SMMU's registers are mapped into. What it is told is struct smmu_config.
 */
#ifndef SLUICE_TOOL_VMCONF_SMMU_H
#define SLUICE_TOOL_VMCONF_SMMU_H

#include <stdio.h>

#include "components/smmu/smmu_config.h"
#include "tool/vmconf/guest.h"

struct smmu_owner {
    const struct smmu *smmu;
    const struct sdf_pd *pd;      /* NULL: nobody has it, and nothing behind it is confined */
    const struct sdf_map *map;    /* of the registers */
    const struct sdf_map *tables; /* NULL: reported */
    struct smmu_config config;
    uint64_t tables_size; /* bytes that may be needed of the region */
};

/* One for each of the board's SMMUs, in the arena. Reports what is wrong with who has them. */
struct smmu_owner *smmu_find_owners(struct arena *arena, const struct sdf *sdf,
                                    const struct board *board, struct sdf_messages *messages);

/* Gives a guest's functions their streams, and the owners what these may reach. After pci_read().
 */
void smmu_add_guest(struct smmu_owner *owners, struct guest *guest);
/* Once all guests are added: whether the tables find room. */
void smmu_check_size(struct smmu_owner *owner, const struct sdf *sdf,
                     struct sdf_messages *messages);

/* N of the owner's symbol region_paddr_N that has a region's address; or
 * SMMU_CONFIG_FIXED_PADDR: none has. */
uint32_t smmu_find_paddr(const struct smmu_owner *owner, size_t region);

/* Whether a function of the guest's is behind an SMMU that has an owner. */
bool smmu_confines(const struct guest *guest, uint32_t function);

void smmu_write_report(const struct smmu_owner *owner, const struct sdf *sdf,
                       const struct board *board, FILE *file);

#endif
