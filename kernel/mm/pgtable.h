/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 translation tables (Arm ARM D8, VMSAv8-64 stage 2): 40-bit IPA, 4 KiB granule, walks
 * start at level 1 with two concatenated tables. Built at boot from the tool's mapping records,
 * never changed afterwards.
 */
#ifndef SLUICE_KERNEL_MM_PGTABLE_H
#define SLUICE_KERNEL_MM_PGTABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"
#include "kernel/mm/addr.h"

/* Pages that tables are made from; the tool sized the pool for all address spaces. */
struct pgtable_pool {
    uint64_t next; /* physical, page aligned */
    uint64_t end;
};

struct pgtable {
    paddr_t root; /* 8 KiB, aligned to that */
};

enum pgtable_result {
    PGTABLE_OK,
    PGTABLE_NO_PAGES,  /* the pool is empty */
    PGTABLE_BAD_RANGE, /* not page aligned, or outside the address space */
    PGTABLE_OVERLAP,   /* something is mapped there */
};

enum pgtable_result pgtable_init(struct pgtable *table, struct pgtable_pool *pool);

/* Maps [ipa, ipa + size) to paddr with IMAGE_MAP_* flags, in the largest blocks that alignment
 * allows. On an error part of the range may be mapped: the caller gives up at boot. */
enum pgtable_result pgtable_map(struct pgtable *table, struct pgtable_pool *pool,
                                const struct image_mapping *mapping);

/* Where `ipa` is in normal memory; false: a device is mapped there, or nothing. */
bool pgtable_find_memory(const struct pgtable *table, ipa_t ipa, paddr_t *paddr);

/* What the walker would find: the leaf descriptor for `ipa`, or 0. */
uint64_t pgtable_leaf(const struct pgtable *table, ipa_t ipa);

#endif
