/* SPDX-License-Identifier: BSD-2-Clause */
/* What belongs to two, and the remedies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/tool/vmconf/fixture.h"

static struct fixture fixture;

static int setup(void **state)
{
    (void)state;
    fixture_start(&fixture);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_end(&fixture);
    return 0;
}

/* A second guest like the first, without a GIC, to end after sharing. */
static void derive_two(void)
{
    struct sdf_pd pds[2] = {fixture.pds[PD_VMM], fixture.pds[PD_VMM]};
    struct vmconf_extra extras[2] = {{.bootargs = NULL}};
    struct sdf_vm other = fixture.vm;

    other.name = "other";
    pds[0].name = "vmm0";
    pds[1].vm = &other;
    pds[1].maps = NULL;
    pds[1].map_count = 0;
    pds[1].irq_count = 0;
    other.map_count = MAP_OF_GICV;
    fixture.sdf.pds = pds;
    fixture.sdf.pd_count = 2;
    vmconf_derive(&fixture.arena, &fixture.sdf, fixture.board, extras, &fixture.messages);
}

static void expect(const char *message)
{
    assert_non_null(strstr(fixture_messages, message));
}

static void test_two_guests(void **state)
{
    (void)state;
    derive_two();
    expect("Error: region 'ram' is mapped into 'linux' already, and may not be in two guests on "
           "'map'\n");
    expect("Error: region 'serial' is mapped into 'linux' already, and may not be in two guests: a "
           "device has one owner on 'map'\n");
    expect("Error: region 'virtio' is mapped into 'linux' already, and may not be in two guests: "
           "it holds the virtio-mmio transports 0 to 1, and no other page of them is free: give "
           "each guest a page (0x1000 bytes) of its own on 'map'\n");
}

static void test_free_transports(void **state)
{
    (void)state;
    const fdt32_t reg[4] = {0, cpu_to_fdt32(0xa001e00), 0, cpu_to_fdt32(0x200)};
    size_t size;
    void *blob = fixture_board_blob(&fixture.arena, &size);
    void *board = arena_alloc(&fixture.arena, size + 1024);

    fdt_open_into(blob, board, (int)size + 1024);
    int node = fdt_add_subnode(board, 0, "virtio_mmio@a001e00");
    assert_int_equal(fdt_setprop_string(board, node, "compatible", "virtio,mmio"), 0);
    assert_int_equal(fdt_setprop(board, node, "reg", reg, sizeof(reg)), 0);
    fixture.board = board_read(&fixture.arena, board, size + 1024, "x.dtb", &fixture.messages);
    derive_two();

    expect("it holds the virtio-mmio transports 0 to 1. Map another page of them into one guest, "
           "and put its devices there with bus=virtio-mmio-bus.N in QEMU's arguments; free are "
           "N = 2 to 2 (0xa001000) on 'map'\n");
}

static void test_regions_that_overlap(void **state)
{
    (void)state;
    fixture.regions[REGION_INITRD].has_phys_addr = true;
    fixture.regions[REGION_INITRD].phys_addr = 0x47fff000;
    fixture_derive(&fixture);

    assert_string_equal(fixture_messages, "Error: memory region 'initrd' overlaps 'ram' "
                                          "(0x40000000..0x48000000) on 'memory_region'\n");
}

static void test_regions_that_meet(void **state)
{
    (void)state;
    fixture.regions[REGION_INITRD].has_phys_addr = true;
    fixture.regions[REGION_INITRD].phys_addr = 0x48000000;
    fixture_derive(&fixture);

    assert_string_equal(fixture_messages, "");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_two_guests),
        TEST(test_free_transports),
        TEST(test_regions_that_overlap),
        TEST(test_regions_that_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
