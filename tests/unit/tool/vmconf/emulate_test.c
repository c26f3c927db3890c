/* SPDX-License-Identifier: BSD-2-Clause */
/* Where emulated devices go, and their nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/tool/vmconf/fixture.h"

static struct fixture fixture;
static struct fdt_writer writer;

static int setup(void **state)
{
    (void)state;
    fixture_start(&fixture);
    fixture_add_multiplexer(&fixture);
    fixture_start_overlay(&fixture, &writer, "/sluice");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_end(&fixture);
    return 0;
}

static struct guest *derive(void)
{
    return fixture_derive_overlay(&fixture, &writer);
}

static void expect_console(enum vm_config_console_kind kind, uint64_t ipa, uint32_t intid)
{
    const struct vm_config_console *console = &derive()->config.console;

    assert_string_equal(fixture_messages, "");
    assert_int_equal(console->kind, kind);
    assert_int_equal(console->ipa, ipa);
    assert_int_equal(console->size, 0x1000);
    assert_int_equal(console->intid, intid);
}

static void test_as_the_board(void **state)
{
    (void)state;
    fixture_remove_serial(&fixture);
    expect_console(VM_CONFIG_CONSOLE_PL011, 0x9000000, 33);
}

static void test_beside_the_boards(void **state)
{
    (void)state;
    expect_console(VM_CONFIG_CONSOLE_PL011, 0x9001000, 32);
}

/* Each is free or not by itself. */
static void test_page_without_interrupt(void **state)
{
    (void)state;
    fixture_remove_serial(&fixture);
    fixture.irqs[1] = (struct sdf_irq){.intid = 33, .id = 7, .setvar_id = "own"};
    fixture.pds[PD_VMM].irq_count = 2;
    expect_console(VM_CONFIG_CONSOLE_PL011, 0x9000000, 32);
}

static void test_virtio(void **state)
{
    (void)state;
    fixture_remove_serial(&fixture);
    fdt_writer_string(&writer, "console", "virtio");
    expect_console(VM_CONFIG_CONSOLE_VIRTIO, 0x9001000, 32);
}

static void test_virtio_as_a_function(void **state)
{
    (void)state;
    fixture_remove_serial(&fixture);
    fdt_writer_string(&writer, "console", "virtio");
    fdt_writer_string(&writer, "virtio", "pci");
    const struct vm_config *config = &derive()->config;
    const struct vm_config_pci_function *function = &config->pci.functions[0];
    const struct vm_config_pci_piece *pieces = config->pci.pieces;

    assert_string_equal(fixture_messages, "");
    assert_int_equal(config->console.kind, VM_CONFIG_CONSOLE_VIRTIO);
    assert_int_equal(config->console.intid, 32);
    assert_int_equal(config->pci.ecam_ipa, 0x9100000);
    assert_int_equal(config->pci.ecam_size, 0x100000);
    assert_int_equal(config->pci.function_count, 1);
    assert_int_equal(function->kind, VM_CONFIG_PCI_CONSOLE);
    assert_int_equal(function->physical, VM_CONFIG_PCI_NOWHERE);
    assert_int_equal(function->virtual, 1 << 3);
    assert_int_equal(function->pins, 1);
    assert_int_equal(config->pci.piece_count, 2);
    for (uint8_t bar = 0; bar < 2; bar++) {
        assert_int_equal(pieces[bar].bar, bar);
        assert_int_equal(pieces[bar].size, 0x1000);
        assert_int_equal(pieces[bar].vaddr, 0);
        assert_int_equal(pieces[bar].flags, 0);
    }
    assert_int_equal(pieces[0].ipa, config->console.ipa);
    assert_int_equal(pieces[1].ipa, pieces[0].ipa + 0x1000);
    assert_int_equal(config->msi.doorbell, 0);
    assert_int_equal(config->msi.count, 3);
    assert_true(config->msi.first > 32);
    assert_true(config->msi.ipa != pieces[0].ipa && config->msi.ipa != pieces[1].ipa);
}

/* It says how virtio devices appear, and there is none. */
static void test_pl011_is_no_function(void **state)
{
    (void)state;
    fdt_writer_string(&writer, "virtio", "pci");
    const struct vm_config *config = &derive()->config;

    assert_string_equal(fixture_messages, "");
    assert_int_equal(config->console.kind, VM_CONFIG_CONSOLE_PL011);
    assert_int_equal(config->pci.function_count, 0);
    assert_int_equal(config->msi.count, 0);
}

static void test_none(void **state)
{
    (void)state;
    fdt_writer_string(&writer, "console", "none");
    assert_int_equal(derive()->config.console.kind, VM_CONFIG_CONSOLE_NONE);
    assert_string_equal(fixture_messages, "");
}

/* A map of the guest behind the serial port, and a device of the board behind that. */
static void test_behind_what_is_there(void **state)
{
    (void)state;
    fixture.regions[REGION_INITRD].size = 0xfff000;
    fixture.vm_maps[MAP_OF_SERIAL] = (struct sdf_map){
        .region = REGION_INITRD, .vaddr = 0x9001000, .perms = SDF_READ, .cached = true};
    fixture.irqs[0].setvar_id = "own";
    fdt_writer_string(&writer, "console", "virtio");
    expect_console(VM_CONFIG_CONSOLE_VIRTIO, 0xa001000, 32);
}

static void test_map_without_size(void **state)
{
    (void)state;
    fixture.regions[REGION_INITRD].size = 0;
    fixture.vm_maps[MAP_OF_SERIAL] = (struct sdf_map){.region = REGION_INITRD, .vaddr = 0x9001000};
    fixture.irqs[0].setvar_id = "own";
    fdt_writer_string(&writer, "console", "virtio");
    expect_console(VM_CONFIG_CONSOLE_VIRTIO, 0x9001000, 32);
}

static void test_no_page(void **state)
{
    (void)state;
    fixture.regions[REGION_INITRD].size = (1UL << 40) - 0x9001000;
    fixture.vm_maps[MAP_OF_SERIAL] = (struct sdf_map){
        .region = REGION_INITRD, .vaddr = 0x9001000, .perms = SDF_READ, .cached = true};
    fixture.irqs[0].setvar_id = "own";
    fdt_writer_string(&writer, "console", "virtio");
    fdt_writer_cell(&writer, "watchdog", 1);
    derive();

    assert_string_equal(fixture_messages,
                        "Error: there is no free page or interrupt for the guest's console on "
                        "'virtual_machine'\n"
                        "Error: there are no free pages for the guest's watchdog on "
                        "'virtual_machine'\n");
}

static void test_no_place_for_a_bridge(void **state)
{
    (void)state;
    fixture.regions[REGION_INITRD].size = (1UL << 40) - 0x9002000;
    fixture.vm_maps[MAP_OF_SERIAL] = (struct sdf_map){
        .region = REGION_INITRD, .vaddr = 0x9002000, .perms = SDF_READ, .cached = true};
    fixture.irqs[0].setvar_id = "own";
    fdt_writer_string(&writer, "console", "virtio");
    fdt_writer_string(&writer, "virtio", "pci");
    derive();

    assert_string_equal(fixture_messages, "Error: there are no free pages or interrupts for the "
                                          "guest's console and its PCI host bridge on "
                                          "'virtual_machine'\n");
}

static void test_no_interrupt(void **state)
{
    (void)state;
    static struct sdf_irq irqs[1020 - 32];

    for (uint32_t i = 0; i < 1020 - 32; i++) {
        irqs[i] = (struct sdf_irq){.intid = 32 + i, .setvar_id = "own", .edge = i == 16};
    }
    fixture.pds[PD_VMM].irqs = irqs;
    fixture.pds[PD_VMM].irq_count = 1020 - 32;
    derive();

    assert_non_null(strstr(fixture_messages, "no free page or interrupt for the guest's console"));
}

static void test_watchdog(void **state)
{
    (void)state;
    fdt_writer_cell(&writer, "watchdog", 30);
    struct guest *guest = derive();
    int node = fdt_path_offset(guest->fdt, "/watchdog@9002000");

    assert_string_equal(fixture_messages, "");
    assert_int_equal(guest->config.watchdog.control_ipa, 0x9002000);
    assert_int_equal(guest->config.watchdog.refresh_ipa, 0x9003000);
    assert_int_equal(guest->config.watchdog.seconds, 30);
    assert_true(node > 0);
    assert_int_equal(fdt32_ld(fdt_getprop(guest->fdt, node, "timeout-sec", NULL)), 30);
}

static void test_pl011_in_the_tree(void **state)
{
    (void)state;
    const void *fdt = derive()->fdt;
    int chosen = fdt_path_offset(fdt, "/chosen");
    int aliases = fdt_path_offset(fdt, "/aliases");
    int node = fdt_path_offset(fdt, "/pl011@9001000");
    int length;

    assert_string_equal(fixture_messages, "");
    assert_string_equal(fdt_getprop(fdt, chosen, "stdout-path", NULL), "/pl011@9001000:115200n8r");
    assert_string_equal(fdt_getprop(fdt, aliases, "serial0", NULL), "/pl011@9001000");
    const fdt32_t *interrupts = fdt_getprop(fdt, node, "interrupts", &length);
    assert_int_equal(length, 12);
    assert_int_equal(fdt32_ld(&interrupts[1]), 0);
    assert_int_equal(fdt32_ld(&interrupts[2]), 4);
    assert_int_equal(fdt_stringlist_count(fdt, node, "compatible"), 2);
    assert_int_equal(fdt_stringlist_search(fdt, node, "clock-names", "apb_pclk"), 1);
}

/* No passed-through device: not to be reset, and not asked to have 1:1 RAM. */
static void test_no_device(void **state)
{
    (void)state;
    fixture_remove_serial(&fixture);
    fixture.regions[REGION_RAM].has_phys_addr = false;
    fixture.vm_maps[1] = fixture.vm_maps[MAP_OF_GICV];
    fixture.vm.map_count = 2;
    fixture.pds[PD_VMM].irq_count = 0;
    fdt_writer_string(&writer, "console", "virtio");

    assert_int_equal(derive()->config.device_count, 0);
    assert_string_equal(fixture_messages, "");
}

static void test_name_that_the_board_took(void **state)
{
    (void)state;
    size_t size;
    void *blob = fixture_board_blob(&fixture.arena, &size);
    void *board = arena_alloc(&fixture.arena, size + 64);

    fdt_open_into(blob, board, (int)size + 64);
    fdt_set_name(board, fdt_path_offset(board, "/virtio_mmio@a000000"), "virtio_mmio@9001000");
    fixture.board = board_read(&fixture.arena, board, size + 64, "board.dtb", &fixture.messages);
    fdt_writer_string(&writer, "console", "virtio");
    derive();

    assert_string_equal(fixture_messages,
                        "Error: the board's device tree gives the name /virtio_mmio@9001000 to "
                        "another device than the VMM does on 'virtual_machine'\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_as_the_board),
        TEST(test_beside_the_boards),
        TEST(test_page_without_interrupt),
        TEST(test_virtio),
        TEST(test_virtio_as_a_function),
        TEST(test_pl011_is_no_function),
        TEST(test_no_place_for_a_bridge),
        TEST(test_none),
        TEST(test_behind_what_is_there),
        TEST(test_map_without_size),
        TEST(test_no_page),
        TEST(test_no_interrupt),
        TEST(test_watchdog),
        TEST(test_pl011_in_the_tree),
        TEST(test_no_device),
        TEST(test_name_that_the_board_took),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
