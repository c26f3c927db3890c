/* SPDX-License-Identifier: BSD-2-Clause */
/* See pagetable.h; Arm architecture reference manual, DDI 0487, D8.3: descriptors. */
#include "components/smmu/pagetable.h"

#include "components/smmu/hardware.h"
#include "components/smmu/memory.h"
#include "components/smmu/ranges.h"
#include "components/smmu/registers.h"

#define LAST_LEVEL  3
#define FIRST_BLOCK 1 /* 1 GiB */
#define INDEX_BITS  9
#define LEVEL1_BITS 39 /* of an address that a first table of level 1 translates */

#define VALID       1UL
#define IS_TABLE    2UL /* at level 3: a page */
#define ADDRESS     0x0000fffffffff000UL
#define ACCESS_FLAG (1UL << 10)
#define SHARED      (3UL << 8) /* inner shareable */

/* Never executed; stage 1: by every privilege, of the attributes in CD3_MAIR. */
#define STAGE1_RAM    (3UL << 53 | 1UL << 11 | 1UL << 6 | ACCESS_FLAG | SHARED)
#define STAGE1_DEVICE (STAGE1_RAM | 1UL << 2)
#define STAGE2_ANY    (1UL << 54 | 3UL << 6 | ACCESS_FLAG | SHARED)
#define STAGE2_RAM    (STAGE2_ANY | 0xfUL << 2)
#define STAGE2_DEVICE (STAGE2_ANY | 0x1UL << 2)

/* A range that is being mapped, and in what. */
struct walk {
    struct smmu_memory *memory;
    uint64_t root;
    unsigned int first;
    uint64_t ipa;
    uint64_t paddr;
    uint64_t size;
    uint64_t attributes;
};

static unsigned int shift_of(unsigned int level)
{
    return 12 + INDEX_BITS * (LAST_LEVEL - level);
}

static uint64_t index_of(uint64_t ipa, unsigned int level)
{
    return ipa >> shift_of(level) & ((1UL << INDEX_BITS) - 1);
}

static unsigned int pick_level(const struct walk *walk)
{
    unsigned int level = FIRST_BLOCK;

    while (level < LAST_LEVEL &&
           (((walk->ipa | walk->paddr) & ((1UL << shift_of(level)) - 1)) != 0 ||
            walk->size >> shift_of(level) == 0)) {
        level++;
    }
    return level;
}

/* The table of `level` that has the entry; 0: no memory, or a block is there. */
static uintptr_t descend(const struct walk *walk, unsigned int level)
{
    uintptr_t table = smmu_vaddr_of(walk->memory, walk->root);

    for (unsigned int at = walk->first; at < level; at++) {
        uintptr_t slot = table + 8 * index_of(walk->ipa, at);
        uint64_t entry = smmu_load(slot);

        if ((entry & VALID) == 0) {
            uintptr_t taken = smmu_take(walk->memory, SMMU_PAGE);

            if (taken == 0) {
                return 0;
            }
            entry = smmu_paddr_of(walk->memory, taken) | IS_TABLE | VALID;
            smmu_store(slot, entry);
        } else if ((entry & IS_TABLE) == 0) {
            return 0;
        }
        table = smmu_vaddr_of(walk->memory, entry & ADDRESS);
    }
    return table;
}

/* Blocks or pages of one size, as many as there are in one table. */
static bool fill(struct walk *walk)
{
    unsigned int level = pick_level(walk);
    uint64_t piece = 1UL << shift_of(level);
    uint64_t type = level == LAST_LEVEL ? IS_TABLE | VALID : VALID;
    uintptr_t table = descend(walk, level);

    if (table == 0) {
        return false;
    }
    do {
        uintptr_t slot = table + 8 * index_of(walk->ipa, level);

        if ((smmu_load(slot) & VALID) != 0) {
            return false;
        }
        smmu_store(slot, walk->paddr | walk->attributes | type);
        walk->ipa += piece;
        walk->paddr += piece;
        walk->size -= piece;
    } while (walk->size >= piece && index_of(walk->ipa, level) != 0);
    return true;
}

static uint64_t attributes_of(const struct smmu *smmu, const struct smmu_config_range *range)
{
    if ((range->flags & SMMU_CONFIG_DEVICE) != 0) {
        return smmu->features.has_stage2 ? STAGE2_DEVICE : STAGE1_DEVICE;
    }
    return smmu->features.has_stage2 ? STAGE2_RAM : STAGE1_RAM;
}

bool smmu_pagetable_init(struct smmu *smmu, uint64_t end)
{
    unsigned int most = smmu->features.output_bits;

    smmu->input_bits = end > 1UL << LEVEL1_BITS || most < LEVEL1_BITS ? most : LEVEL1_BITS;
    return end <= 1UL << smmu->input_bits;
}

unsigned int smmu_pagetable_first(const struct smmu *smmu)
{
    return smmu->input_bits > LEVEL1_BITS ? 0 : 1;
}

bool smmu_pagetable_build(struct smmu *smmu, unsigned int domain)
{
    const struct smmu_config_domain *described = &smmu->setup.config->domains[domain];
    uintptr_t root = smmu_take(&smmu->memory, SMMU_PAGE);

    if (root == 0) {
        return false;
    }
    smmu->domains[domain].root = smmu_paddr_of(&smmu->memory, root);
    for (unsigned int i = 0; i < described->range_count; i++) {
        const struct smmu_config_range *range =
            &smmu->setup.config->ranges[described->first_range + i];
        struct walk walk = {.memory = &smmu->memory,
                            .root = smmu->domains[domain].root,
                            .first = smmu_pagetable_first(smmu),
                            .ipa = range->ipa,
                            .paddr = smmu_range_paddr(&smmu->setup, range),
                            .size = range->size,
                            .attributes = attributes_of(smmu, range)};

        while (walk.size > 0) {
            if (!fill(&walk)) {
                return false;
            }
        }
    }
    return true;
}
