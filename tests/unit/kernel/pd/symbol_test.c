/* SPDX-License-Identifier: BSD-2-Clause */
/* Which symbol of a program has an address. */
#include "tests/unit/kernel/support/cmocka_all.h"

#include <stdbool.h>

#include "kernel/pd/symbol.h"

/* Another program's lie before and after. */
static const struct image_symbol symbols[] = {
    {.address = 0x100, .size = 0x10, .name = 0},
    {.address = 0x200000, .size = 0x10, .name = 6},
    {.address = 0x200010, .size = 0x20, .name = 13},
    {.address = 0x200040, .size = 4, .name = 18},
    {.address = 0x300000, .size = UINT32_MAX, .name = 0},
};
static const char names[] = "other\0_start\0init\0notified";

static const struct image_pd desc = {.first_symbol = 1, .symbol_count = 3};

static int setup(void **state)
{
    (void)state;
    symbol_init(symbols, names);
    return 0;
}

static void expect(uint64_t address, const char *name)
{
    const struct image_symbol *symbol = symbol_find(&desc, address);

    assert_non_null(symbol);
    assert_string_equal(symbol_name(symbol), name);
    assert_true(address - symbol->address < symbol->size);
}

static void first_to_last_byte(void **state)
{
    (void)state;
    expect(0x200000, "_start");
    expect(0x20000f, "_start");
    expect(0x200010, "init");
    expect(0x20002f, "init");
    expect(0x200040, "notified");
    expect(0x200043, "notified");
}

static void nothing_between_and_outside(void **state)
{
    static const uint64_t addresses[] = {0,        0x104,      0x1fffff,   0x200030, 0x20003f,
                                         0x200044, 0xdead0000, UINT64_MAX, 0x300000};

    (void)state;
    for (unsigned int i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        assert_null(symbol_find(&desc, addresses[i]));
    }
}

static void program_without_symbols(void **state)
{
    static const struct image_pd first = {.first_symbol = 0};
    static const struct image_pd last = {.first_symbol = 5};

    (void)state;
    assert_null(symbol_find(&first, 0x100));
    assert_null(symbol_find(&last, 0x300000));
}

/* The same as looking at one after the other, for every length of a table. */
static void every_length(void **state)
{
    struct image_symbol list[33];

    (void)state;
    for (uint32_t i = 0; i < 33; i++) {
        list[i] = (struct image_symbol){.address = 0x1000 + 8UL * i, .size = 4};
    }
    symbol_init(list, names);
    for (uint32_t count = 0; count <= 33; count++) {
        const struct image_pd pd = {.symbol_count = count};

        for (uint64_t address = 0xff0; address < 0x1200; address += 2) {
            uint64_t index = (address - 0x1000) / 8;
            bool is_in = address >= 0x1000 && index < count && address % 8 < 4;

            assert_ptr_equal(symbol_find(&pd, address), is_in ? &list[index] : NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(first_to_last_byte, setup),
        cmocka_unit_test_setup(nothing_between_and_outside, setup),
        cmocka_unit_test_setup(program_without_symbols, setup),
        cmocka_unit_test_setup(every_length, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
