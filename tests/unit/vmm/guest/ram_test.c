/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmm/guest/ram.h"

#include "tests/unit/vmm/fake/cmocka_all.h"

static const struct vm_config_ram ranges[] = {
    {.ipa = 0x40000000, .size = 0x1000, .vaddr = 0x10000},
    {.ipa = 0x40001000, .size = 0x1000, .vaddr = 0x80000},
    {.ipa = 0x50000000, .size = 0x1000, .vaddr = 0},
    {.ipa = 0xfffffffffffff000, .size = 0x1000, .vaddr = 0x20000},
};

static const struct guest_ram ram = {.ranges = ranges, .count = 4};

static uintptr_t at(uint64_t ipa, uint64_t size)
{
    return (uintptr_t)guest_ram_at(&ram, ipa, size);
}

static void in_one_range(void **state)
{
    (void)state;
    assert_int_equal(at(0x40000000, 0x1000), 0x10000);
    assert_int_equal(at(0x40000fff, 1), 0x10fff);
    assert_int_equal(at(0x40001010, 0xff0), 0x80010);
    assert_int_equal(at(0xfffffffffffff000, 0x1000), 0x20000);
}

static void outside(void **state)
{
    (void)state;
    assert_int_equal(at(0x3fffffff, 1), 0);
    assert_int_equal(at(0x3fffffff, 2), 0);
    assert_int_equal(at(0x40000000, 0x1001), 0); /* two ranges */
    assert_int_equal(at(0x40001fff, 2), 0);
    assert_int_equal(at(0x40002000, 1), 0);
    assert_int_equal(at(0x50000000, 1), 0); /* not mapped */
    assert_int_equal(at(0xffffffffffffffff, 2), 0);
    assert_int_equal(at(0x40000000, UINT64_MAX), 0);
    assert_int_equal(at(0, 0), 0);
}

static void runs(void **state)
{
    uint64_t size = 0x1800;

    (void)state;
    assert_int_equal((uintptr_t)guest_ram_run(&ram, 0x40000800, &size), 0x10800);
    assert_int_equal(size, 0x800);
    size = 0x10;
    assert_int_equal((uintptr_t)guest_ram_run(&ram, 0x40001000, &size), 0x80000);
    assert_int_equal(size, 0x10);
    assert_null(guest_ram_run(&ram, 0x40002000, &size));
}

/* Any number of them, with holes between, and the first one in the middle. */
static void many(void **state)
{
    static struct vm_config_ram pieces[VM_CONFIG_MAX_RAM];
    struct guest_ram some = {.ranges = pieces};

    (void)state;
    for (uint64_t i = 0; i < VM_CONFIG_MAX_RAM; i++) {
        pieces[i] = (struct vm_config_ram){0x3000 * i, 0x2000, 0x100000 + 0x10000 * i};
    }
    pieces[0] = (struct vm_config_ram){0x3000 * 20 + 0x2000, 0x1000, 0x80000};
    for (some.count = 0; some.count <= VM_CONFIG_MAX_RAM; some.count++) {
        for (uint64_t i = 1; i < VM_CONFIG_MAX_RAM; i++) {
            uintptr_t start = i < some.count ? 0x100000 + 0x10000 * i : 0;
            uintptr_t hole = i == 20 && some.count > 0 ? 0x80000 : 0;

            assert_int_equal((uintptr_t)guest_ram_at(&some, 0x3000 * i, 0x2000), start);
            assert_int_equal((uintptr_t)guest_ram_at(&some, 0x3000 * i + 0x1fff, 1),
                             start == 0 ? 0 : start + 0x1fff);
            assert_int_equal((uintptr_t)guest_ram_at(&some, 0x3000 * i + 0x2000, 1), hole);
        }
        assert_null(guest_ram_at(&some, 0, 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_one_range),
        cmocka_unit_test(outside),
        cmocka_unit_test(runs),
        cmocka_unit_test(many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
