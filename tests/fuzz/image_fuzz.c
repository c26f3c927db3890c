/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for what the kernel reads of an image at boot: its symbols and the records of
 * its mappings. Input: struct head, that many PDs, symbols and mappings, the rest are names. The
 * image ends where its memory ends, so that the sanitizer sees what is read behind it.
 *
 * Of symbols that are accepted every address is looked up, and every name ends. A mapping is
 * accepted if and only if it is one, nothing is mapped there, and there are pages for its tables;
 * then all that was mapped is where it should be, and nothing else is.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/boot/image.h"
#include "kernel/mm/pgtable.h"
#include "kernel/pd/symbol.h"

#define PDS          4
#define SYMBOLS      16
#define MAPPINGS     12
#define POOL_PAGES   40
#define PAGE         4096UL
#define ROOT_SIZE    8192UL
#define IPA_LIMIT    (1UL << 40)
#define LEAF_IS_PAGE (1UL << 1)
#define LEAF_CONTIG  (1UL << 52)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct head {
    uint8_t pd_count;
    uint8_t symbol_count;
    uint8_t mapping_count;
    uint8_t pool_pages;
    uint32_t symbols_more; /* what the header says beyond what there is: mostly 0 */
    uint32_t names_more;
    uint32_t offset_more;
};

/* Two PDs may share symbols; addresses and names are anything. */
struct pd {
    uint8_t first;
    uint8_t count;
    uint16_t address; /* that is looked up */
};

struct symbol {
    uint16_t address;
    uint8_t size;
    uint8_t name;
};

/* Powers of two are what matters: `shift` and `count` make a size, or `raw` is one. */
struct mapping {
    uint32_t ipa;
    uint32_t paddr;
    uint8_t shifts; /* of both addresses: 0, 12, 21, 30; of the size */
    uint8_t count;
    uint8_t flags;
    uint8_t raw;
};

/* What an image has, one after another. */
struct layout {
    size_t pds;
    size_t symbols;
    size_t names;
    size_t size;
};

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static struct layout lay_out(const struct head *head, size_t names_size)
{
    struct layout layout = {.pds = sizeof(struct image_header)};

    layout.symbols = layout.pds + head->pd_count % (PDS + 1) * sizeof(struct image_pd);
    layout.names =
        layout.symbols + head->symbol_count % (SYMBOLS + 1) * sizeof(struct image_symbol);
    layout.size = layout.names + names_size;
    return layout;
}

/* Takes `count` records of `size` bytes from the input; what is missing is zero. */
static void take(void *records, size_t count, size_t size, const uint8_t **data, size_t *left)
{
    size_t bytes = count * size < *left ? count * size : *left;

    memset(records, 0, count * size);
    memcpy(records, *data, bytes);
    *data += bytes;
    *left -= bytes;
}

static void fill_header(struct image_header *image, const struct head *head,
                        const struct layout *layout)
{
    struct image_table *tables = image->tables;

    memset(image, 0, sizeof(*image));
    image->magic = IMAGE_MAGIC;
    image->version = IMAGE_VERSION;
    image->start = (uint64_t)(uintptr_t)image;
    image->size = layout->size;
    tables[IMAGE_TABLE_PDS] =
        (struct image_table){(uint32_t)layout->pds, head->pd_count % (PDS + 1)};
    tables[IMAGE_TABLE_SYMBOLS] =
        (struct image_table){(uint32_t)layout->symbols + head->offset_more,
                             head->symbol_count % (SYMBOLS + 1) + head->symbols_more};
    tables[IMAGE_TABLE_NAMES] = (struct image_table){
        (uint32_t)layout->names, (uint32_t)(layout->size - layout->names) + head->names_more};
}

static void fill_pds(uint8_t *image, const struct layout *layout, const struct pd *pds,
                     unsigned int count)
{
    struct image_pd *to = (struct image_pd *)(image + layout->pds);

    memset(to, 0, count * sizeof(*to));
    for (unsigned int i = 0; i < count; i++) {
        to[i].first_symbol = pds[i].first;
        /* Beyond the table's end, too; so far that the sum wraps around. */
        to[i].symbol_count = pds[i].count == 0xff ? UINT32_MAX : pds[i].count;
    }
}

static void fill_symbols(uint8_t *image, const struct layout *layout, const struct symbol *symbols,
                         unsigned int count)
{
    struct image_symbol *to = (struct image_symbol *)(image + layout->symbols);

    for (unsigned int i = 0; i < count; i++) {
        to[i] = (struct image_symbol){
            .address = symbols[i].address, .size = symbols[i].size, .name = symbols[i].name};
    }
}

static void look_up(const struct image_header *image, const struct image_pd *pd, uint64_t address)
{
    const struct image_symbol *symbol = symbol_find(pd, address);

    if (symbol != NULL) {
        require(address >= symbol->address && address - symbol->address < symbol->size);
        require(strlen(symbol_name(symbol)) < image->size);
    }
}

extern volatile uint64_t boot_image;

static void find(struct image_header *image)
{
    boot_image = (uint64_t)(uintptr_t)image;
    require(image_find() == image);
    image->version++;
    require(image_find() == NULL);
    image->version--;
}

static void try_symbols(const struct head *head, const struct pd *pds, const struct symbol *symbols,
                        const uint8_t *names, size_t names_size)
{
    struct layout layout = lay_out(head, names_size);
    uint8_t *bytes = malloc(layout.size); /* to the byte */
    struct image_header *image = (struct image_header *)bytes;
    const struct image_pd *descs = (const struct image_pd *)(bytes + layout.pds);

    require(bytes != NULL);
    fill_header(image, head, &layout);
    fill_pds(bytes, &layout, pds, head->pd_count % (PDS + 1));
    fill_symbols(bytes, &layout, symbols, head->symbol_count % (SYMBOLS + 1));
    memcpy(bytes + layout.names, names, names_size);
    find(image);
    if (image_symbols_are_valid(image)) {
        symbol_init(image_table(image, IMAGE_TABLE_SYMBOLS), image_table(image, IMAGE_TABLE_NAMES));
        for (unsigned int i = 0; i < image_count(image, IMAGE_TABLE_PDS); i++) {
            look_up(image, &descs[i], pds[i].address);
            look_up(image, &descs[i], 0);
            look_up(image, &descs[i], UINT64_MAX);
        }
    }
    free(bytes);
}

static uint64_t scale(uint64_t value, unsigned int kind)
{
    static const unsigned int shifts[] = {12, 21, 30, 0};

    return value << shifts[kind & 3];
}

static struct image_mapping expand(const struct mapping *from)
{
    return (struct image_mapping){
        .ipa = scale(from->ipa & ((from->shifts & 3) == 2 ? 0x7ff : ~0U), from->shifts),
        .paddr =
            scale(from->paddr & ((from->shifts >> 2 & 3) == 2 ? 0x7ff : ~0U), from->shifts >> 2),
        .size = scale(from->count & 0x3f, from->shifts >> 4 & 3) + (from->raw == 1 ? PAGE : 0) +
                (from->raw == 2 ? 1 : 0) + (from->raw == 3 ? UINT64_MAX / 2 : 0),
        .flags = from->flags & 0xf,
    };
}

static bool is_good(const struct image_mapping *mapping)
{
    return mapping->ipa % PAGE == 0 && mapping->paddr % PAGE == 0 && mapping->size % PAGE == 0 &&
           mapping->size <= IPA_LIMIT && mapping->ipa <= IPA_LIMIT - mapping->size &&
           mapping->paddr <= IPA_LIMIT - mapping->size;
}

static bool meets(const struct image_mapping *a, const struct image_mapping *b)
{
    return a->ipa < b->ipa + b->size && b->ipa < a->ipa + a->size;
}

static uint64_t where(const struct pgtable *table, uint64_t ipa)
{
    paddr_t paddr;

    (void)pgtable_find_memory(table, (ipa_t){ipa}, &paddr);
    return pgtable_leaf(table, (ipa_t){ipa}) == 0 ? UINT64_MAX : paddr.raw;
}

/* What a TLB may hold as one is one: 16 pages, or 16 blocks of 2 MiB. */
static void check_group(const struct pgtable *table, uint64_t ipa)
{
    uint64_t leaf = pgtable_leaf(table, (ipa_t){ipa});
    uint64_t size = (leaf & LEAF_IS_PAGE) != 0 ? 16 * PAGE : 16UL << 21;
    uint64_t start = ipa & ~(size - 1);

    if ((leaf & LEAF_CONTIG) != 0) {
        require(where(table, start) == where(table, ipa) - (ipa - start));
        require(where(table, start) % size == 0);
        require(where(table, start + size - 1) == where(table, start) + size - 1);
    }
}

/* At both ends and in between; and next to it nothing that is not another's. */
static void check_mapping(const struct pgtable *table, const struct image_mapping *mapping)
{
    const uint64_t offsets[] = {0, mapping->size / 2, mapping->size - 1};

    for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        uint64_t ipa = mapping->ipa + offsets[i];
        paddr_t paddr;

        require(where(table, ipa) == mapping->paddr + offsets[i]);
        check_group(table, ipa);
        require(pgtable_find_memory(table, (ipa_t){ipa}, &paddr) ==
                ((mapping->flags & IMAGE_MAP_DEVICE) == 0));
    }
}

static void check_all(const struct pgtable *table, const struct image_mapping *mappings,
                      unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        const struct image_mapping behind = {.ipa = mappings[i].ipa + mappings[i].size, .size = 1};
        bool is_mapped = false;

        check_mapping(table, &mappings[i]);
        for (unsigned int j = 0; j < count; j++) {
            is_mapped |= meets(&behind, &mappings[j]);
        }
        require(is_mapped == (where(table, behind.ipa) != UINT64_MAX));
    }
}

/* False: it was refused, for a reason that there is. */
static bool try_mapping(struct pgtable *table, struct pgtable_pool *pool,
                        const struct image_mapping *mappings, unsigned int count)
{
    const struct image_mapping *mapping = &mappings[count];
    enum pgtable_result result = pgtable_map(table, pool, mapping);
    bool is_taken = false;

    for (unsigned int i = 0; i < count; i++) {
        is_taken |= meets(mapping, &mappings[i]);
    }
    require((result == PGTABLE_BAD_RANGE) == !is_good(mapping));
    require(result != PGTABLE_OVERLAP || is_taken);
    require(result != PGTABLE_NO_PAGES || pool->end - pool->next < PAGE);
    require(result != PGTABLE_OK || mapping->size == 0 || !is_taken);
    return result == PGTABLE_OK;
}

static void try_mappings(const struct head *head, const struct mapping *from)
{
    size_t bytes = (head->pool_pages % (POOL_PAGES + 1)) * PAGE;
    void *memory = aligned_alloc(ROOT_SIZE, POOL_PAGES * PAGE);
    struct pgtable_pool pool = {(uint64_t)(uintptr_t)memory, (uint64_t)(uintptr_t)memory + bytes};
    struct image_mapping mappings[MAPPINGS];
    struct pgtable table;
    unsigned int count = 0;

    require(memory != NULL);
    memset(memory, 0xa5, POOL_PAGES * PAGE);
    if (pgtable_init(&table, &pool) == PGTABLE_OK) {
        for (unsigned int i = 0; i < head->mapping_count % (MAPPINGS + 1); i++) {
            mappings[count] = expand(&from[i]);
            if (!try_mapping(&table, &pool, mappings, count)) {
                break;
            }
            count += mappings[count].size > 0;
        }
        if (count == head->mapping_count % (MAPPINGS + 1)) {
            check_all(&table, mappings, count); /* of a refused one a part may be there */
        }
    } else {
        require(bytes < ROOT_SIZE);
    }
    for (size_t i = bytes; i < POOL_PAGES * PAGE; i++) {
        require(((uint8_t *)memory)[i] == 0xa5);
    }
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct head head;
    struct pd pds[PDS];
    struct symbol symbols[SYMBOLS];
    struct mapping mappings[MAPPINGS];

    take(&head, 1, sizeof(head), &data, &size);
    take(pds, head.pd_count % (PDS + 1), sizeof(pds[0]), &data, &size);
    take(symbols, head.symbol_count % (SYMBOLS + 1), sizeof(symbols[0]), &data, &size);
    take(mappings, head.mapping_count % (MAPPINGS + 1), sizeof(mappings[0]), &data, &size);
    try_symbols(&head, pds, symbols, data, size);
    try_mappings(&head, mappings);
    return 0;
}
