/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "vmm/dev/mmio_bus.h"

static struct mmio_bus bus;

static bool add(uint64_t ipa, uint64_t size)
{
    return mmio_bus_add(&bus, &(struct mmio_device){.name = "device", .ipa = ipa, .size = size});
}

static int setup(void **state)
{
    (void)state;
    memset(&bus, 0, sizeof(bus));
    return 0;
}

static void finds_by_address(void **state)
{
    (void)state;
    assert_true(add(0x3000, 0x200));
    assert_true(add(0x1000, 0x1000));
    assert_true(add(0x2000, 0x1000));
    assert_int_equal(mmio_bus_find(&bus, 0x1000, 4)->ipa, 0x1000);
    assert_int_equal(mmio_bus_find(&bus, 0x1ffc, 4)->ipa, 0x1000);
    assert_int_equal(mmio_bus_find(&bus, 0x2000, 8)->ipa, 0x2000);
    assert_int_equal(mmio_bus_find(&bus, 0x31ff, 1)->ipa, 0x3000);
    assert_null(mmio_bus_find(&bus, 0xfff, 1));
    assert_null(mmio_bus_find(&bus, 0x3200, 1));
    assert_null(mmio_bus_find(&bus, UINT64_MAX, 1));
}

static void access_over_the_end_is_nobodys(void **state)
{
    (void)state;
    assert_true(add(0x1000, 0x1000));
    assert_true(add(0x2000, 0x2));
    assert_null(mmio_bus_find(&bus, 0x1ffe, 4));
    assert_null(mmio_bus_find(&bus, 0xffe, 4));
    assert_null(mmio_bus_find(&bus, 0x2000, 4));
    assert_non_null(mmio_bus_find(&bus, 0x2000, 2));
}

static void overlaps_are_refused(void **state)
{
    (void)state;
    assert_true(add(0x1000, 0x1000));
    assert_false(add(0x1000, 0x1000));
    assert_false(add(0x1fff, 1));
    assert_false(add(0x0, 0x1001));
    assert_false(add(0x0, 0x10000));
    assert_false(add(0x5000, 0));
    assert_false(add(UINT64_MAX, 2));
    assert_true(add(UINT64_MAX, 1));
    assert_true(add(0, 0x1000));
    assert_non_null(mmio_bus_find(&bus, UINT64_MAX, 1));
}

static void full_is_refused(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < MMIO_BUS_MAX_DEVICES; i++) {
        assert_true(add(i * 0x1000UL, 0x1000));
    }
    assert_false(add(0x1000000, 0x1000));
    assert_null(mmio_bus_find(&bus, 0x1000000, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(finds_by_address, setup),
        cmocka_unit_test_setup(access_over_the_end_is_nobodys, setup),
        cmocka_unit_test_setup(overlaps_are_refused, setup),
        cmocka_unit_test_setup(full_is_refused, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
