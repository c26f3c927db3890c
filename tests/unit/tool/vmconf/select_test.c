/* SPDX-License-Identifier: BSD-2-Clause */
/* Which nodes are chosen: dependencies, buses, references that lead nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/tool/vmconf/fixture.h"

#define ROOM 8192

static struct fixture fixture;
static void *board; /* the fixture's, writable */

static int setup(void **state)
{
    (void)state;
    size_t size;

    fixture_start(&fixture);
    void *blob = fixture_board_blob(&fixture.arena, &size);
    board = arena_alloc(&fixture.arena, size + ROOM);
    assert_int_equal(fdt_open_into(blob, board, (int)(size + ROOM)), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_end(&fixture);
    return 0;
}

static void set_cells(const char *path, const char *name, size_t count, const uint32_t *cells)
{
    fdt32_t bytes[8];

    for (size_t i = 0; i < count; i++) {
        bytes[i] = cpu_to_fdt32(cells[i]);
    }
    assert_int_equal(fdt_setprop(board, fdt_path_offset(board, path), name, bytes,
                                 (int)(count * sizeof(bytes[0]))),
                     0);
}

#define SET(path, name, ...)                                                          \
    set_cells(path, name, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), \
              (const uint32_t[]){__VA_ARGS__})

static void add(const char *parent, const char *name)
{
    assert_true(fdt_add_subnode(board, fdt_path_offset(board, parent), name) > 0);
}

static const void *derive(void)
{
    fixture.board =
        board_read(&fixture.arena, board, fdt_totalsize(board), "board.dtb", &fixture.messages);
    assert_non_null(fixture.board);
    return fixture_derive(&fixture)->fdt;
}

static bool has(const void *fdt, const char *path)
{
    return fdt_path_offset(fdt, path) >= 0;
}

static void test_dependencies_of_dependencies(void **state)
{
    (void)state;
    add("/", "clocks");
    add("/clocks", "parent");
    SET("/clocks/parent", "phandle", 9);
    SET("/clocks/parent", "#clock-cells", 1);
    add("/clocks/parent", "table");
    SET("/apb-pclk", "clocks", 9, 0);
    const void *fdt = derive();

    assert_string_equal(fixture_messages, "");
    assert_true(has(fdt, "/apb-pclk"));
    assert_true(has(fdt, "/clocks/parent/table"));
    assert_int_equal(fdt_get_phandle(fdt, fdt_path_offset(fdt, "/clocks/parent")), 9);
}

static void test_nodes_refer_to_each_other(void **state)
{
    (void)state;
    add("/", "other");
    SET("/other", "phandle", 9);
    SET("/other", "#clock-cells", 0);
    SET("/other", "clocks", 2);
    SET("/apb-pclk", "clocks", 9);

    assert_true(has(derive(), "/other"));
}

static void test_reference_to_a_device(void **state)
{
    (void)state;
    add("/", "clock-controller@c000000");
    SET("/clock-controller@c000000", "reg", 0, 0xc000000, 0, 0x1000);
    SET("/clock-controller@c000000", "phandle", 9);
    SET("/clock-controller@c000000", "#clock-cells", 1);
    SET("/pl011@9000000", "clocks", 9, 3);
    derive();

    assert_string_equal(fixture_messages,
                        "Error: /pl011@9000000 refers to /clock-controller@c000000 (property "
                        "'clocks'), which is a device of its own and not passed through on "
                        "'map'\n");
}

static void test_reference_to_nothing(void **state)
{
    (void)state;
    SET("/pl011@9000000", "vcc-supply", 77);
    derive();

    assert_string_equal(fixture_messages,
                        "Error: /pl011@9000000 refers to a node that the board's device tree lacks "
                        "(property 'vcc-supply') on 'map'\n");
}

static void test_malformed_reference(void **state)
{
    (void)state;
    SET("/apb-pclk", "#clock-cells", 5);
    derive();

    assert_string_equal(fixture_messages,
                        "error: board.dtb: /pl011@9000000: property 'clocks' is malformed\n");
}

static void test_iommu_stays_with_the_host(void **state)
{
    (void)state;
    add("/", "smmu@9050000");
    SET("/smmu@9050000", "reg", 0, 0x9050000, 0, 0x20000);
    SET("/smmu@9050000", "phandle", 9);
    SET("/smmu@9050000", "#iommu-cells", 1);
    SET("/virtio_mmio@a000000", "iommus", 9, 5);
    const void *fdt = derive();

    assert_string_equal(fixture_messages, "");
    int node = fdt_path_offset(fdt, "/virtio_mmio@a000000");
    assert_null(fdt_getprop(fdt, node, "iommus", NULL));
}

static void test_bus_comes_along(void **state)
{
    (void)state;
    add("/", "soc");
    SET("/soc", "#address-cells", 1);
    SET("/soc", "#size-cells", 1);
    SET("/soc", "ranges", 0, 0, 0x9000000, 0x100000);
    add("/soc", "rtc@10000");
    SET("/soc/rtc@10000", "reg", 0x10000, 0x1000);
    assert_int_equal(fdt_setprop_string(board, fdt_path_offset(board, "/soc/rtc@10000"),
                                        "compatible", "arm,pl031"),
                     0);
    fixture.regions[REGION_VIRTIO].phys_addr = 0x9010000;
    fixture.vm_maps[MAP_OF_VIRTIO].vaddr = 0x9010000;
    fixture.pds[PD_VMM].irq_count = 1;
    const void *fdt = derive();

    assert_string_equal(fixture_messages, "");
    assert_true(has(fdt, "/soc/rtc@10000"));
    assert_non_null(fdt_getprop(fdt, fdt_path_offset(fdt, "/soc"), "ranges", NULL));
}

static void test_disabled_device(void **state)
{
    (void)state;
    assert_int_equal(fdt_setprop_string(board, fdt_path_offset(board, "/virtio_mmio@a000000"),
                                        "status", "disabled"),
                     0);
    derive();

    assert_non_null(
        strstr(fixture_messages,
               "(virtio_mmio@a000000: it is disabled in the board's device tree; "
               "virtio_mmio@a000200: its interrupt 49 is not declared by an <irq>) on 'map'\n"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_dependencies_of_dependencies),
        TEST(test_nodes_refer_to_each_other),
        TEST(test_reference_to_a_device),
        TEST(test_reference_to_nothing),
        TEST(test_malformed_reference),
        TEST(test_iommu_stays_with_the_host),
        TEST(test_bus_comes_along),
        TEST(test_disabled_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
