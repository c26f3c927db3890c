/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel believes of an image's symbols. */
#include "tests/unit/kernel/support/cmocka_all.h"

#include <string.h>

#include "kernel/boot/image.h"

static struct {
    struct image_header header;
    struct image_pd pds[2];
    struct image_symbol symbols[4];
    char names[8];
} image;

#define PLACE(field, length)                         \
    {                                                \
        offsetof(__typeof__(image), field), (length) \
    }

static int setup(void **state)
{
    (void)state;
    memset(&image, 0, sizeof(image));
    image.header.start = (uint64_t)(uintptr_t)&image;
    image.header.size = sizeof(image);
    image.header.tables[IMAGE_TABLE_PDS] = (struct image_table)PLACE(pds, 2);
    image.header.tables[IMAGE_TABLE_SYMBOLS] = (struct image_table)PLACE(symbols, 4);
    image.header.tables[IMAGE_TABLE_NAMES] = (struct image_table)PLACE(names, 8);
    memcpy(image.names, "one\0two", 8);
    image.pds[0].symbol_count = 2;
    image.pds[1].first_symbol = 2;
    image.pds[1].symbol_count = 2;
    for (uint32_t i = 0; i < 4; i++) {
        image.symbols[i] =
            (struct image_symbol){.address = 0x200000 + i % 2 * 4, .size = 4, .name = i % 2 * 4};
    }
    return 0;
}

static void good_ones(void **state)
{
    (void)state;
    assert_true(image_symbols_are_valid(&image.header));
    image.pds[1] = image.pds[0]; /* shared */
    assert_true(image_symbols_are_valid(&image.header));
}

static void none(void **state)
{
    (void)state;
    memset(image.pds, 0, sizeof(image.pds));
    image.header.tables[IMAGE_TABLE_SYMBOLS].count = 0;
    image.header.tables[IMAGE_TABLE_NAMES].count = 0;
    assert_true(image_symbols_are_valid(&image.header));
}

static void refused(void **state)
{
    assert_false(image_symbols_are_valid(&image.header));
    (void)setup(state);
}

static void bad_tables(void **state)
{
    struct image_table *symbols = &image.header.tables[IMAGE_TABLE_SYMBOLS];
    struct image_table *names = &image.header.tables[IMAGE_TABLE_NAMES];

    symbols->count = 5; /* reaches out of the image, though only a little */
    refused(state);
    symbols->count = UINT32_MAX;
    refused(state);
    symbols->offset = UINT32_MAX;
    refused(state);
    symbols->count = 2;
    symbols->offset += 4; /* where no struct image_symbol can be */
    refused(state);
    names->count = 9;
    refused(state);
    names->offset = sizeof(image) + 1;
    refused(state);
    names->count = 7; /* the last name does not end */
    refused(state);
    names->count = 0;
    refused(state);
}

static void bad_symbols(void **state)
{
    image.symbols[3].name = 8;
    refused(state);
    image.symbols[3].address = 0x200000;
    refused(state);
    image.symbols[1].address = 0x100000;
    refused(state);
}

static void bad_pds(void **state)
{
    image.pds[1].symbol_count = 3;
    refused(state);
    image.pds[1].symbol_count = UINT32_MAX;
    refused(state);
    image.pds[1].first_symbol = 5;
    refused(state);
    image.pds[1].first_symbol = UINT32_MAX;
    refused(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(good_ones, setup),  cmocka_unit_test_setup(none, setup),
        cmocka_unit_test_setup(bad_tables, setup), cmocka_unit_test_setup(bad_symbols, setup),
        cmocka_unit_test_setup(bad_pds, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
