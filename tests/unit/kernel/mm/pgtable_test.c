/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage-2 tables: what the walker would find after pgtable_map(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/mm/pgtable.h"

#define PAGES  64
#define OUTPUT 0x0000fffffffff000UL

struct fixture {
    void *memory;
    struct pgtable_pool pool;
    struct pgtable table;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->memory = aligned_alloc(8192, PAGES * 4096);
    memset(fixture->memory, 0xa5, PAGES * 4096); /* pool pages need not be zero */
    fixture->pool.next = (uint64_t)(uintptr_t)fixture->memory;
    fixture->pool.end = fixture->pool.next + PAGES * 4096;
    assert_int_equal(pgtable_init(&fixture->table, &fixture->pool), PGTABLE_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    free(fixture->memory);
    free(fixture);
    return 0;
}

static enum pgtable_result map(struct fixture *fixture, uint64_t ipa, uint64_t paddr, uint64_t size,
                               uint32_t flags)
{
    struct image_mapping mapping = {.ipa = ipa, .paddr = paddr, .size = size, .flags = flags};

    return pgtable_map(&fixture->table, &fixture->pool, &mapping);
}

static uint64_t leaf(struct fixture *fixture, uint64_t ipa)
{
    return pgtable_leaf(&fixture->table, (ipa_t){ipa});
}

static void finds_memory_not_devices(void **state)
{
    static const struct {
        uint64_t ipa;
        uint64_t paddr;
        uint64_t size;
    } places[] = {
        {0x40000000, 0x80000000, 0x40000000}, /* a GiB */
        {0x200000, 0x50200000, 0x200000},     /* 2 MiB */
        {0xfffffff000, 0x70005000, 0x1000},   /* a page, the last one */
    };
    const struct pgtable *table = &((struct fixture *)*state)->table;
    paddr_t paddr;

    assert_false(pgtable_find_memory(table, (ipa_t){0x200000}, &paddr));
    for (unsigned int i = 0; i < 3; i++) {
        uint64_t last = places[i].size - 1;

        assert_int_equal(
            map(*state, places[i].ipa, places[i].paddr, places[i].size, IMAGE_MAP_READ),
            PGTABLE_OK);
        assert_true(pgtable_find_memory(table, (ipa_t){places[i].ipa}, &paddr));
        assert_int_equal(paddr.raw, places[i].paddr);
        assert_true(pgtable_find_memory(table, (ipa_t){places[i].ipa + last}, &paddr));
        assert_int_equal(paddr.raw, places[i].paddr + last);
    }
    assert_int_equal(map(*state, 0x9000000, 0x9000000, 0x1000, IMAGE_MAP_READ | IMAGE_MAP_DEVICE),
                     PGTABLE_OK);
    assert_false(pgtable_find_memory(table, (ipa_t){0x9000000}, &paddr));
    assert_false(pgtable_find_memory(table, (ipa_t){1UL << 40}, &paddr));
}

static void empty_table_maps_nothing(void **state)
{
    assert_int_equal(leaf(*state, 0), 0);
    assert_int_equal(leaf(*state, (1UL << 40) - 4096), 0);
    assert_int_equal(leaf(*state, 1UL << 40), 0);
}

static void page_has_its_attributes(void **state)
{
    assert_int_equal(map(*state, 0x9000000, 0x9000000, 0x1000, IMAGE_MAP_READ | IMAGE_MAP_DEVICE),
                     PGTABLE_OK);
    /* Device-nGnRnE, read only, execute never, AF, inner shareable, page */
    assert_int_equal(leaf(*state, 0x9000000),
                     0x9000000UL | 3 | 1UL << 6 | 3UL << 8 | 1UL << 10 | 1UL << 54);
    assert_int_equal(leaf(*state, 0x9001000), 0);
    assert_int_equal(leaf(*state, 0x8fff000), 0);
    assert_int_equal(map(*state, 0x200000, 0x70001000, 0x1000, IMAGE_MAP_READ | IMAGE_MAP_EXECUTE),
                     PGTABLE_OK);
    assert_int_equal(leaf(*state, 0x200000),
                     0x70001000UL | 3 | 0xfUL << 2 | 1UL << 6 | 3UL << 8 | 1UL << 10);
}

static void large_ranges_use_blocks(void **state)
{
    uint64_t used = ((struct fixture *)*state)->pool.next;

    assert_int_equal(map(*state, 0x40000000, 0x40000000, 1UL << 30, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(((struct fixture *)*state)->pool.next, used); /* one entry at level 1 */
    assert_int_equal(leaf(*state, 0x40000000) & 3, 1);
    assert_int_equal(map(*state, 0x80000000, 0x200000, 0x400000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(((struct fixture *)*state)->pool.next, used + 4096);
    assert_int_equal(leaf(*state, 0x80200000) & OUTPUT, 0x400000);
    assert_int_equal(leaf(*state, 0x80400000), 0);
}

static void unaligned_ends_use_pages(void **state)
{
    assert_int_equal(map(*state, 0x1ff000, 0x3ff000, 0x202000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(leaf(*state, 0x1ff000) & (OUTPUT | 3), 0x3ff000 | 3);
    assert_int_equal(leaf(*state, 0x200000) & (OUTPUT | 3), 0x400000 | 1);
    assert_int_equal(leaf(*state, 0x400000) & (OUTPUT | 3), 0x600000 | 3);
    assert_int_equal(leaf(*state, 0x401000), 0);
}

/* Entries from ipa on with the contiguous hint, `step` bytes apart. */
static unsigned int hinted(void *state, uint64_t ipa, unsigned int count, uint64_t step)
{
    unsigned int with_hint = 0;

    for (unsigned int i = 0; i < count; i++) {
        uint64_t entry = leaf(state, ipa + i * step);

        assert_int_equal(entry & 1, 1);
        with_hint += (entry >> 52 & 1) != 0;
    }
    return with_hint;
}

/* Whole aligned groups have it; what sticks out in front and behind has not. */
static void groups_have_the_contiguous_hint(void **state)
{
    assert_int_equal(map(*state, 0x40000000, 0x40000000, 1UL << 29, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(hinted(*state, 0x40000000, 256, 0x200000), 256);
    assert_int_equal(map(*state, 0x80e00000, 0x70e00000, 0x3400000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(hinted(*state, 0x80e00000, 9, 0x200000), 0);
    assert_int_equal(hinted(*state, 0x82000000, 16, 0x200000), 16);
    assert_int_equal(hinted(*state, 0x84000000, 1, 0x200000), 0);
    assert_int_equal(map(*state, 0x20e000, 0x60e000, 0x13000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(hinted(*state, 0x20e000, 2, 0x1000), 0);
    assert_int_equal(hinted(*state, 0x210000, 16, 0x1000), 16);
    assert_int_equal(hinted(*state, 0x220000, 1, 0x1000), 0);
    assert_int_equal(leaf(*state, 0x210000) & OUTPUT, 0x610000);
}

/* The output of a group must be aligned like it. */
static void no_hint_where_the_output_is_aligned_otherwise(void **state)
{
    assert_int_equal(map(*state, 0x210000, 0x601000, 0x10000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(hinted(*state, 0x210000, 16, 0x1000), 0);
    assert_int_equal(map(*state, 0x42000000, 0x41000000, 0x2000000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(hinted(*state, 0x42000000, 16, 0x200000), 0);
}

static void last_page_of_the_space_can_be_mapped(void **state)
{
    assert_int_equal(map(*state, 0xfffffff000, 0x1000, 0x1000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(leaf(*state, 0xfffffff000) & OUTPUT, 0x1000);
}

static void bad_ranges_are_refused(void **state)
{
    assert_int_equal(map(*state, 0x100, 0, 0x1000, IMAGE_MAP_READ), PGTABLE_BAD_RANGE);
    assert_int_equal(map(*state, 0, 0x100, 0x1000, IMAGE_MAP_READ), PGTABLE_BAD_RANGE);
    assert_int_equal(map(*state, 0, 0, 0x1001, IMAGE_MAP_READ), PGTABLE_BAD_RANGE);
    assert_int_equal(map(*state, 0xfffffff000, 0, 0x2000, IMAGE_MAP_READ), PGTABLE_BAD_RANGE);
    assert_int_equal(map(*state, 0, 0xfffffff000, 0x2000, IMAGE_MAP_READ), PGTABLE_BAD_RANGE);
    assert_int_equal(map(*state, 0, 0, ~0xfffUL, IMAGE_MAP_READ), PGTABLE_BAD_RANGE);
}

static void overlaps_are_refused(void **state)
{
    assert_int_equal(map(*state, 0x200000, 0x200000, 0x200000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(map(*state, 0x200000, 0x200000, 0x200000, IMAGE_MAP_READ), PGTABLE_OVERLAP);
    assert_int_equal(map(*state, 0x3ff000, 0x5000, 0x1000, IMAGE_MAP_READ), PGTABLE_OVERLAP);
    assert_int_equal(map(*state, 0x400000, 0x5000, 0x1000, IMAGE_MAP_READ), PGTABLE_OK);
    assert_int_equal(map(*state, 0x400000, 0x200000, 0x200000, IMAGE_MAP_READ), PGTABLE_OVERLAP);
}

static void empty_pool_is_reported(void **state)
{
    struct fixture *fixture = *state;

    fixture->pool.end = fixture->pool.next + 4096;
    assert_int_equal(map(fixture, 0x1000, 0x1000, 0x1000, IMAGE_MAP_READ), PGTABLE_NO_PAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_memory_not_devices, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_table_maps_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(page_has_its_attributes, setup, teardown),
        cmocka_unit_test_setup_teardown(large_ranges_use_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(unaligned_ends_use_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(groups_have_the_contiguous_hint, setup, teardown),
        cmocka_unit_test_setup_teardown(no_hint_where_the_output_is_aligned_otherwise, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(last_page_of_the_space_can_be_mapped, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_ranges_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(overlaps_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_pool_is_reported, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
