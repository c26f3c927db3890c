/* SPDX-License-Identifier: BSD-2-Clause */
/* Boards with an ITS: whose messages it gets, and which interrupts they are. */
#include "tests/unit/tool/microkit/board_fixture.h"

#define MESSAGES CONF "msi_first = 80\nmsi_count = 16\n"

/* A GICv3 with an ITS, phandle 3, and a host bridge with two buses from 2 on. */
static void add_its(struct fixture *fixture)
{
    set_text(fixture, "/intc", "compatible", "arm,gic-v3");
    SET(fixture, "/intc", "reg", 0x8000000, 0x10000, 0x80a0000, 0xf60000);
    SET(fixture, "/intc", "#address-cells", 1);
    SET(fixture, "/intc", "#size-cells", 1);
    set(fixture, "/intc", "ranges", 0, NULL);
    add(fixture, "/intc", "its");
    set_text(fixture, "/intc/its", "compatible", "arm,gic-v3-its");
    SET(fixture, "/intc/its", "reg", 0x8080000, 0x20000);
    SET(fixture, "/intc/its", "phandle", 3);
    add(fixture, "/", "pcie");
    set_text(fixture, "/pcie", "compatible", "pci-host-ecam-generic");
    SET(fixture, "/pcie", "reg", 0x30000000, 0x200000);
    SET(fixture, "/pcie", "bus-range", 2, 3);
}

static void test_its(void **state)
{
    struct fixture *fixture = *state;
    const struct board *board = &fixture->board;
    const struct sdf_irq message = {.intid = 80, .edge = true};
    const struct sdf_irq last = {.intid = 95, .edge = true};
    const struct sdf_irq next = {.intid = 96, .edge = true};
    const struct sdf_irq level = {.intid = 80};

    add_its(fixture);
    SET(fixture, "/pcie", "msi-map", 0x200, 3, 0x10200, 0x100, 0x300, 9, 0, 0x100);
    SET(fixture, "/pcie", "msi-map-mask", 0xfff8);
    assert_true(read_with(fixture, MESSAGES));
    assert_int_equal(board->its, 0x8080000);
    assert_int_equal(board->ecam_count, 1);
    assert_int_equal(board->ecams[0].start, 0x30000000);
    assert_int_equal(board->ecams[0].first_bus, 2);
    assert_int_equal(board->ecams[0].mask, 0xfff8);
    assert_int_equal(board->ecams[0].map_count, 1); /* the other one is another controller's */
    assert_int_equal(board->ecams[0].maps[0].first, 0x200);
    assert_int_equal(board->ecams[0].maps[0].id, 0x10200);
    assert_true(board_is_message(board, &message) && board_is_message(board, &last));
    assert_false(board_is_message(board, &next) || board_is_message(board, &level));
    /* Nobody says which interrupts messages have; and one that a device has is the device's. */
    assert_true(read_with(fixture, CONF));
    assert_int_equal(board->its, 0);
    assert_false(board_is_message(board, &message));
    SET(fixture, "/bus/uart", "interrupts", 0, 48, 1);
    assert_true(read_with(fixture, MESSAGES));
    assert_false(board_is_message(board, &message));
}

static void test_its_without_a_map(void **state)
{
    struct fixture *fixture = *state;

    add_its(fixture);
    assert_true(read_with(fixture, MESSAGES));
    assert_int_equal(fixture->board.ecam_count, 0); /* its messages go elsewhere */
    SET(fixture, "/pcie", "msi-parent", 3);
    assert_true(
        read_with(fixture, MESSAGES "further_start = 0x3f000000\nfurther_size = 0x1000000\n"));
    assert_int_equal(fixture->board.ecam_count, 2);
    assert_int_equal(fixture->board.ecams[0].maps[0].count, 0x10000);
    assert_int_equal(fixture->board.ecams[1].start, 0x3f000000);
    assert_int_equal(fixture->board.ecams[1].first_bus, 0);
    set_text(fixture, "/intc", "compatible", "arm,gic-400"); /* which has none */
    add_gicv2_frames(fixture);
    assert_true(read_with(fixture, MESSAGES));
    assert_int_equal(fixture->board.its, 0);
}

static void test_bad_its(void **state)
{
    struct fixture *fixture = *state;

    add_its(fixture);
    SET(fixture, "/pcie", "msi-map", 0x10000, 3, 0, 1);
    assert_false(read_with(fixture, MESSAGES));
    SET(fixture, "/pcie", "msi-map", 0, 3, 0xffffffff, 2);
    assert_false(read_with(fixture, MESSAGES));
    SET(fixture, "/pcie", "msi-map", 0, 3, 0, 0xffffffff);
    assert_false(read_with(fixture, MESSAGES));
    SET(fixture, "/pcie", "msi-map", 0, 3, 0); /* half an entry */
    assert_true(read_with(fixture, MESSAGES));
    assert_int_equal(fixture->board.ecam_count, 0);
    SET(fixture, "/pcie", "msi-map", 0, 3, 0, 0x10000);
    SET(fixture, "/pcie", "bus-range", 0x100, 0x101);
    assert_true(read_with(fixture, MESSAGES));
    assert_int_equal(fixture->board.ecam_count, 0);
    assert_false(read_with(fixture, "load_address = 0x70000000\ncpu_count = 1\nintids = 300\n"
                                    "msi_first = 200\nmsi_count = 57\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_its, start, end),
        cmocka_unit_test_setup_teardown(test_its_without_a_map, start, end),
        cmocka_unit_test_setup_teardown(test_bad_its, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
