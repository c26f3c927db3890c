/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one encoder of stage-2 descriptors. Owns nothing: tables hang off struct pgtable, pages
 * come from the caller's pool. Runs at boot on one core; arch_stage2_sync() publishes the result.
 */
#include "kernel/mm/pgtable.h"

#include <stddef.h>

#define ENTRIES        512U
#define CONTIG_ENTRIES 16UL
#define ROOT_ENTRIES   1024U /* two concatenated level 1 tables */
#define PAGE_SIZE      ABI_PAGE_SIZE
#define OUTPUT_MASK    0x0000fffffffff000UL
#define IPA_LIMIT      (1UL << ABI_IPA_BITS)

#define DESC_VALID    (1UL << 0)
#define DESC_TABLE    (1UL << 1)   /* levels 1 and 2: next table; level 3: page */
#define DESC_NORMAL   (0xfUL << 2) /* MemAttr: Normal, inner and outer write-back */
#define DESC_DEVICE   (0x0UL << 2) /* MemAttr: Device-nGnRnE */
#define DESC_S2AP_R   (1UL << 6)
#define DESC_S2AP_W   (1UL << 7)
#define DESC_INNER_SH (3UL << 8)
#define DESC_AF       (1UL << 10)
#define DESC_CONTIG   (1UL << 52) /* one of CONTIG_ENTRIES that a TLB may hold as one */
#define DESC_XN       (1UL << 54) /* XN[1:0] = 0b10: no execution at EL1 and EL0 */

static unsigned int level_shift(unsigned int level)
{
    return 12 + 9 * (3 - level);
}

static uint64_t *table_at(uint64_t paddr)
{
    return (uint64_t *)(uintptr_t)paddr;
}

static uint64_t take_pages(struct pgtable_pool *pool, uint64_t size)
{
    uint64_t start = pool->next;

    if (pool->end - start < size) {
        return 0;
    }
    pool->next = start + size;
    for (uint64_t i = 0; i < size / sizeof(uint64_t); i++) {
        table_at(start)[i] = 0;
    }
    return start;
}

static uint64_t attributes(uint32_t flags)
{
    uint64_t attributes = DESC_VALID | DESC_AF | DESC_INNER_SH;

    attributes |= (flags & IMAGE_MAP_DEVICE) != 0 ? DESC_DEVICE : DESC_NORMAL;
    attributes |= (flags & IMAGE_MAP_READ) != 0 ? DESC_S2AP_R : 0;
    attributes |= (flags & IMAGE_MAP_WRITE) != 0 ? DESC_S2AP_W : 0;
    attributes |= (flags & IMAGE_MAP_EXECUTE) != 0 ? 0 : DESC_XN;
    return attributes;
}

/* The level whose blocks fit at this place: 1 (1 GiB), 2 (2 MiB) or 3 (4 KiB). */
static unsigned int block_level(uint64_t ipa, uint64_t paddr, uint64_t size)
{
    for (unsigned int level = 1; level < 3; level++) {
        uint64_t block = 1UL << level_shift(level);

        if (((ipa | paddr) & (block - 1)) == 0 && size >= block) {
            return level;
        }
    }
    return 3;
}

/* Whether the aligned group of entries around `ipa` is all of this mapping, and its output is
 * aligned like it: 64 KiB at level 3, 32 MiB at level 2. */
static bool is_contiguous(const struct image_mapping *mapping, uint64_t ipa, unsigned int level)
{
    uint64_t group = CONTIG_ENTRIES << level_shift(level);
    uint64_t start = ipa & ~(group - 1);

    return level > 1 && ((mapping->ipa ^ mapping->paddr) & (group - 1)) == 0 &&
           start >= mapping->ipa && mapping->size - (start - mapping->ipa) >= group;
}

/* The entry for `ipa` at `level`, tables on the way made as needed; NULL: `*result` says why. */
static uint64_t *walk(struct pgtable *table, struct pgtable_pool *pool, uint64_t ipa,
                      unsigned int level, enum pgtable_result *result)
{
    uint64_t *entry = &table_at(table->root.raw)[ipa >> level_shift(1)];

    for (unsigned int at = 1; at < level; at++) {
        if ((*entry & DESC_VALID) == 0) {
            uint64_t page = take_pages(pool, PAGE_SIZE);

            if (page == 0) {
                *result = PGTABLE_NO_PAGES;
                return NULL;
            }
            *entry = page | DESC_TABLE | DESC_VALID;
        } else if ((*entry & DESC_TABLE) == 0) {
            *result = PGTABLE_OVERLAP;
            return NULL;
        }
        entry = &table_at(*entry & OUTPUT_MASK)[ipa >> level_shift(at + 1) & (ENTRIES - 1)];
    }
    return entry;
}

static bool range_is_valid(const struct image_mapping *mapping)
{
    return ((mapping->ipa | mapping->paddr | mapping->size) & (PAGE_SIZE - 1)) == 0 &&
           mapping->size <= IPA_LIMIT && mapping->ipa <= IPA_LIMIT - mapping->size &&
           mapping->paddr <= IPA_LIMIT - mapping->size;
}

enum pgtable_result pgtable_init(struct pgtable *table, struct pgtable_pool *pool)
{
    uint64_t root_size = ROOT_ENTRIES * sizeof(uint64_t);

    pool->next = (pool->next + root_size - 1) & ~(root_size - 1);
    if (pool->next > pool->end) {
        return PGTABLE_NO_PAGES;
    }
    table->root.raw = take_pages(pool, root_size);
    return table->root.raw == 0 ? PGTABLE_NO_PAGES : PGTABLE_OK;
}

enum pgtable_result pgtable_map(struct pgtable *table, struct pgtable_pool *pool,
                                const struct image_mapping *mapping)
{
    enum pgtable_result result = PGTABLE_OK;
    uint64_t done = 0;

    if (!range_is_valid(mapping)) {
        return PGTABLE_BAD_RANGE;
    }
    while (done < mapping->size) {
        uint64_t ipa = mapping->ipa + done;
        uint64_t paddr = mapping->paddr + done;
        unsigned int level = block_level(ipa, paddr, mapping->size - done);
        uint64_t *entry = walk(table, pool, ipa, level, &result);

        if (entry == NULL) {
            return result;
        }
        if ((*entry & DESC_VALID) != 0) {
            return PGTABLE_OVERLAP;
        }
        *entry = paddr | attributes(mapping->flags) | (level == 3 ? DESC_TABLE : 0) |
                 (is_contiguous(mapping, ipa, level) ? DESC_CONTIG : 0);
        done += 1UL << level_shift(level);
    }
    return PGTABLE_OK;
}

/* The leaf descriptor, and the level at which it stands; 0: nothing is mapped. */
static uint64_t find_leaf(const struct pgtable *table, ipa_t ipa, unsigned int *level)
{
    uint64_t entry;

    *level = 1;
    if (ipa.raw >= IPA_LIMIT) {
        return 0;
    }
    entry = table_at(table->root.raw)[ipa.raw >> level_shift(1)];
    while (*level < 3 && (entry & 3) == (DESC_TABLE | DESC_VALID)) {
        ++*level;
        entry = table_at(entry & OUTPUT_MASK)[ipa.raw >> level_shift(*level) & (ENTRIES - 1)];
    }
    return (entry & DESC_VALID) != 0 ? entry : 0;
}

uint64_t pgtable_leaf(const struct pgtable *table, ipa_t ipa)
{
    unsigned int level;

    return find_leaf(table, ipa, &level);
}

bool pgtable_find_memory(const struct pgtable *table, ipa_t ipa, paddr_t *paddr)
{
    unsigned int level;
    uint64_t leaf = find_leaf(table, ipa, &level);
    uint64_t offset = ipa.raw & ((1UL << level_shift(level)) - 1);

    paddr->raw = (leaf & OUTPUT_MASK) + offset;
    return leaf != 0 && (leaf & DESC_NORMAL) == DESC_NORMAL;
}
