/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of address ranges: they coalesce, split, and hand out the lowest place that fits. */
#include "tool/microkit/ranges.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tool/microkit/cmocka_all.h"

struct fixture {
    struct arena arena;
    struct ranges ranges;
};

static int start(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->ranges.arena = &fixture->arena;
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;

    arena_free(&fixture->arena);
    free(fixture);
    return 0;
}

static void check(const struct ranges *ranges, size_t count, const struct range *expected)
{
    assert_int_equal(ranges->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ranges->list[i].start, expected[i].start);
        assert_int_equal(ranges->list[i].end, expected[i].end);
    }
}

#define CHECK(ranges, ...)                                                      \
    check(ranges, sizeof((struct range[]){__VA_ARGS__}) / sizeof(struct range), \
          (struct range[]){__VA_ARGS__})

static void test_neighbours_coalesce(void **state)
{
    struct ranges *ranges = &((struct fixture *)*state)->ranges;

    ranges_add(ranges, 30, 40);
    ranges_add(ranges, 10, 20);
    CHECK(ranges, {10, 20}, {30, 40});
    ranges_add(ranges, 20, 30);
    CHECK(ranges, {10, 40});
    ranges_add(ranges, 5, 50);
    CHECK(ranges, {5, 50});
    ranges_add(ranges, 60, 60);
    CHECK(ranges, {5, 50});
}

static void test_removal_splits(void **state)
{
    struct ranges *ranges = &((struct fixture *)*state)->ranges;

    ranges_add(ranges, 10, 100);
    ranges_remove(ranges, 40, 50);
    CHECK(ranges, {10, 40}, {50, 100});
    ranges_remove(ranges, 0, 20);
    ranges_remove(ranges, 90, 200);
    CHECK(ranges, {20, 40}, {50, 90});
    ranges_remove(ranges, 30, 60);
    CHECK(ranges, {20, 30}, {60, 90});
    ranges_remove(ranges, 0, 1000);
    assert_int_equal(ranges->count, 0);
}

static void test_the_lowest_place_is_taken(void **state)
{
    struct ranges *ranges = &((struct fixture *)*state)->ranges;
    uint64_t place = 0;

    ranges_add(ranges, 0x1000, 0x3000);
    ranges_add(ranges, 0x5000, 0x20000);
    assert_true(ranges_take(ranges, 0, UINT64_MAX, 0x2000, 0x1000, &place));
    assert_int_equal(place, 0x1000);
    assert_true(ranges_take(ranges, 0, UINT64_MAX, 0x1000, 0x8000, &place));
    assert_int_equal(place, 0x8000);
    CHECK(ranges, {0x5000, 0x8000}, {0x9000, 0x20000});
}

static void test_bounds_are_kept(void **state)
{
    struct ranges *ranges = &((struct fixture *)*state)->ranges;
    uint64_t place = 0;

    ranges_add(ranges, 0x1000, 0x10000);
    assert_true(ranges_take(ranges, 0x4000, 0x6000, 0x2000, 0x1000, &place));
    assert_int_equal(place, 0x4000);
    assert_false(ranges_take(ranges, 0x4000, 0x6000, 0x1000, 0x1000, &place));
    assert_false(ranges_take(ranges, 0, UINT64_MAX, 0x10000, 0x1000, &place));
    assert_false(ranges_take(ranges, 0x6000, 0x6000, 0x1000, 0x1000, &place));
}

/* Against a map of single units. */
static void test_random_sets(void **state)
{
    struct ranges *ranges = &((struct fixture *)*state)->ranges;
    bool model[256] = {false};

    srand(1);
    for (unsigned int round = 0; round < 2000; round++) {
        unsigned int a = (unsigned int)rand() % 256;
        unsigned int b = a + (unsigned int)rand() % (257 - a);
        bool add = rand() % 2 == 0;

        (add ? ranges_add : ranges_remove)(ranges, a, b);
        memset(model + a, add, b - a);
        for (size_t i = 0; i < ranges->count; i++) {
            const struct range *range = &ranges->list[i];
            assert_true(range->start < range->end);
            assert_true(i == 0 || ranges->list[i - 1].end < range->start);
        }
        for (unsigned int unit = 0; unit < 256; unit++) {
            bool found = false;
            for (size_t i = 0; i < ranges->count; i++) {
                found |= unit >= ranges->list[i].start && unit < ranges->list[i].end;
            }
            assert_int_equal(found, model[unit]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_neighbours_coalesce, start, end),
        cmocka_unit_test_setup_teardown(test_removal_splits, start, end),
        cmocka_unit_test_setup_teardown(test_the_lowest_place_is_taken, start, end),
        cmocka_unit_test_setup_teardown(test_bounds_are_kept, start, end),
        cmocka_unit_test_setup_teardown(test_random_sets, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
