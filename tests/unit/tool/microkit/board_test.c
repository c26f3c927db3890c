/* SPDX-License-Identifier: BSD-2-Clause */
/* Boards from device trees made here: GICv2 and GICv3, devices behind buses, what is missing. */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/tool/microkit/board_fixture.h"

static void test_gicv2_board(void **state)
{
    struct fixture *fixture = *state;
    const struct board *board = &fixture->board;

    assert_true(read_with(fixture, CONF "reserve_start = 0x40000000\nreserve_size = 0x1000\n"));
    assert_int_equal(board->ram_start, 0x40000000);
    assert_int_equal(board->ram_end, 0x80000000);
    assert_int_equal(board->reserve_end, 0x40001000);
    assert_false(board->has_debug_console);
    assert_int_equal(board->machine.gic_version, 2);
    assert_int_equal(board->machine.gicv, 0x8040000);
    assert_int_equal(board->machine.maintenance_intid, 25);
    assert_int_equal(board->machine.virtual_timer_intid, 27);
    assert_int_equal(board->machine.hyp_timer_intid, 26);
    assert_int_equal(board->machine.mpidr[0], 0x100);
    assert_int_equal(board->machine.uart, 0x9002000);
    assert_int_equal(board->machine.intid_count, 96);
    assert_int_equal(board->bounds.intid_count, 96);
    assert_int_equal(board->bounds.frame_count, 4);
    assert_int_equal(board->frames[1].start, 0x8010000);
    assert_int_equal(board->frames[1].size, 0x20000);
    for (unsigned int i = 0; i < 4; i++) {
        assert_int_equal(board->frames[i].is_for_vms, i == 3);
    }
    assert_int_equal(board->bounds.ram_count, 2);
    assert_int_equal(board->banks[0].start, 0x10000000);
    assert_int_equal(board->banks[1].size, 0x40000000);
    assert_int_equal(board->bounds.kernel_ppis, 1U << 25 | 1U << 26 | 1U << 27);
    /* The GIC's, and the timer's but for the secure one. */
    assert_int_equal(board->bounds.ppis, 1U << 25 | 1U << 26 | 1U << 27 | 1U << 30);
}

static void test_gicv2_frames_from_conf(void **state)
{
    struct fixture *fixture = *state;

    SET(fixture, "/intc", "reg", 0x8000000, 0x10000, 0x8010000, 0x20000);
    assert_false(read_with(fixture, CONF));
    assert_true(read_with(fixture, CONF "gich = 0x8030000\ngicv = 0x8040000\n"));
    assert_int_equal(fixture->board.machine.gich, 0x8030000);
    assert_int_equal(fixture->board.machine.gicv, 0x8040000);
    assert_int_equal(fixture->board.frames[2].start, 0x8030000);
    assert_int_equal(fixture->board.frames[2].size, 0x2000);
    assert_true(fixture->board.frames[3].is_for_vms);
}

static void test_gicv3(void **state)
{
    struct fixture *fixture = *state;

    set_text(fixture, "/intc", "compatible", "arm,gic-v3");
    SET(fixture, "/intc", "reg", 0x8000000, 0x10000, 0x80a0000, 0xf60000);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(fixture->board.machine.gic_version, 3);
    assert_int_equal(fixture->board.machine.gicr, 0x80a0000);
    assert_int_equal(fixture->board.machine.gicr_size, 0xf60000);
    assert_int_equal(fixture->board.bounds.frame_count, 2);
    assert_true(fixture->board.bounds.is_gicv3);
}

static void test_gicv3_with_all_frames(void **state)
{
    struct fixture *fixture = *state;
    const struct sdf_frame *frames = fixture->board.frames;

    set_text(fixture, "/intc", "compatible", "arm,gic-v3");
    SET(fixture, "/intc", "#redistributor-regions", 2);
    SET(fixture, "/intc", "reg", 0x8000000, 0x10000, 0x80a0000, 0xf60000, 0xa000000, 0x20000,
        0xb000000, 0x2000, 0xb010000, 0x2000, 0xb020000, 0x3000);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(fixture->board.bounds.frame_count, 6);
    assert_int_equal(frames[2].start, 0xa000000);
    assert_string_equal(frames[2].name, "redistributor");
    assert_string_equal(frames[4].name, "virtual interface control");
    assert_int_equal(frames[5].size, 0x3000);
    for (unsigned int i = 0; i < 6; i++) {
        assert_int_equal(frames[i].is_for_vms, i == 5);
    }
    SET(fixture, "/intc", "#redistributor-regions", 0);
    assert_false(read_with(fixture, CONF));
    SET(fixture, "/intc", "#redistributor-regions", 0xffffffff);
    assert_false(read_with(fixture, CONF));
}

static void test_frames_below_the_gic(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "/intc", "v2m");
    SET(fixture, "/intc", "#address-cells", 1);
    SET(fixture, "/intc", "#size-cells", 1);
    set(fixture, "/intc", "ranges", 0, NULL);
    SET(fixture, "/intc/v2m", "reg", 0x8020000, 0x1000, 0x8021000, 0x1000);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(fixture->board.bounds.frame_count, 6);
    assert_int_equal(fixture->board.frames[5].start, 0x8021000);
    assert_false(fixture->board.frames[5].is_for_vms);
    fdt_delprop(fixture->tree, fdt_path_offset(fixture->tree, "/intc/v2m"), "reg");
    for (unsigned int i = 0; i < 13; i++) {
        char name[] = "a";

        name[0] = (char)('a' + i);
        add(fixture, "/intc", name);
        (void)snprintf(fixture->path, sizeof(fixture->path), "/intc/%s", name);
        SET(fixture, fixture->path, "reg", 0x8020000 + 0x1000 * i, 0x1000);
        assert_int_equal(read_with(fixture, CONF), i < 12); /* there is room for so many */
    }
}

static void test_ppis(void **state)
{
    struct fixture *fixture = *state;
    const uint32_t timers = 1U << 25 | 1U << 26 | 1U << 27 | 1U << 30;
    const struct sdf_board *bounds = &fixture->board.bounds;

    add(fixture, "/", "pmu");
    SET(fixture, "/pmu", "interrupts", 0, 20, 4, 1, 7, 4, 1, 16, 4);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(bounds->ppis, timers | 1U << 23);
    /* Another controller's, by its own phandle or by that of the bus. */
    SET(fixture, "/intc", "phandle", 1);
    SET(fixture, "/pmu", "interrupt-parent", 2);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(bounds->ppis, timers);
    SET(fixture, "/", "interrupt-parent", 1);
    SET(fixture, "/bus", "interrupt-parent", 2);
    SET(fixture, "/bus/uart", "interrupts", 1, 3, 4);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(bounds->ppis, timers);
    SET(fixture, "/bus/uart", "interrupts-extended", 1, 1, 4, 4, 1, 0, 5, 4);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(bounds->ppis, timers | 1U << 20);
    SET(fixture, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4, 1, 12, 4);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(bounds->ppis, timers | 1U << 20); /* EL2's virtual timer is not there */
}

static void test_reserved(void **state)
{
    struct fixture *fixture = *state;
    const struct sdf_board *bounds = &fixture->board.bounds;

    add(fixture, "/", "reserved-memory");
    SET(fixture, "/reserved-memory", "#address-cells", 1);
    SET(fixture, "/reserved-memory", "#size-cells", 1);
    set(fixture, "/reserved-memory", "ranges", 0, NULL);
    add(fixture, "/reserved-memory", "pool");
    SET(fixture, "/reserved-memory/pool", "reg", 0x41000000, 0x1000);
    add(fixture, "/reserved-memory", "closed");
    SET(fixture, "/reserved-memory/closed", "reg", 0x42000000, 0x1000, 0x43000000, 0x2000);
    set(fixture, "/reserved-memory/closed", "no-map", 0, NULL);
    assert_int_equal(fdt_add_mem_rsv(fixture->tree, 0x44000000, 0x800), 0);
    assert_int_equal(fdt_add_mem_rsv(fixture->tree, UINT64_MAX - 0x7ff, 0x1000), 0);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(bounds->reserved_count, 3);
    assert_int_equal(bounds->reserved[0].start, 0x44000000);
    assert_int_equal(bounds->reserved[1].start, 0x42000000);
    assert_int_equal(bounds->reserved[2].size, 0x2000);
    for (unsigned int i = 3; i <= BOARD_MAX_BANKS; i++) {
        assert_int_equal(fdt_add_mem_rsv(fixture->tree, 0x44000000 + 0x1000 * i, 0x800), 0);
        assert_int_equal(read_with(fixture, CONF), i < BOARD_MAX_BANKS);
    }
}

/* Only the bank of the load address grows, and nothing shrinks. */
static void test_more_memory_than_the_trees(void **state)
{
    struct fixture *fixture = *state;
    const struct board *board = &fixture->board;

    assert_true(read_with(fixture, CONF "ram_end = 0x240000000\n"));
    assert_int_equal(board->ram_start, 0x40000000);
    assert_int_equal(board->ram_end, 0x240000000);
    assert_int_equal(board->bounds.ram[0].size, 0x1000);
    assert_int_equal(board->bounds.ram[1].size, 0x200000000);
    assert_true(read_with(fixture, CONF "ram_end = 0x50000000\n"));
    assert_int_equal(board->ram_end, 0x80000000);
    assert_int_equal(board->bounds.ram[1].size, 0x40000000);
}

static void test_memory_that_is_disabled(void **state)
{
    struct fixture *fixture = *state;

    set_text(fixture, "/memory", "status", "ok");
    assert_true(read_with(fixture, CONF));
    set_text(fixture, "/memory", "status", "disabled");
    assert_false(read_with(fixture, CONF));
}

static void test_triggers(void **state)
{
    struct fixture *fixture = *state;
    const uint8_t *triggers = fixture->board.bounds.triggers;

    SET(fixture, "/bus/uart", "interrupts", 0, 1, 4, 0, 2, 1, 0, 3, 8, 0, 987, 2);
    add(fixture, "/", "other");
    SET(fixture, "/other", "interrupts", 0, 1, 2, 0, 988, 1, 2, 5, 1, 1, 0xffffffff, 1);
    assert_true(read_with(fixture, CONF));
    assert_int_equal(triggers[33], SDF_TRIGGER_LEVEL | SDF_TRIGGER_EDGE);
    assert_int_equal(triggers[34], SDF_TRIGGER_EDGE);
    assert_int_equal(triggers[35], SDF_TRIGGER_LEVEL);
    assert_int_equal(triggers[36], 0);
    assert_int_equal(triggers[1019], SDF_TRIGGER_EDGE);
    assert_int_equal(triggers[30], SDF_TRIGGER_LEVEL);
}

static bool has_device(const struct fixture *fixture, uint64_t start, uint64_t size)
{
    const struct sdf_board *bounds = &fixture->board.bounds;

    for (size_t i = 0; i < bounds->device_count; i++) {
        if (bounds->devices[i].start == start && bounds->devices[i].size == size) {
            return true;
        }
    }
    return false;
}

static void test_devices(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "/", "pcie");
    SET(fixture, "/pcie", "#address-cells", 3);
    SET(fixture, "/pcie", "#size-cells", 2);
    SET(fixture, "/pcie", "ranges", 0x2000000, 0, 0x10000000, 0x20000000, 0, 0x100000, 0x3000000,
        0x80, 0, 0xa0000000, 1, 0);
    for (unsigned int i = 0; i < 20; i++) {
        (void)snprintf(fixture->path, sizeof(fixture->path), "/d%u", i);
        add(fixture, "/", fixture->path + 1);
        SET(fixture, fixture->path, "reg", 0x5000000 + 0x1000 * i, 0x1000);
    }
    assert_true(read_with(fixture, CONF));
    assert_true(has_device(fixture, 0x9002000, 0x1000));  /* the UART, behind its bus … */
    assert_true(has_device(fixture, 0x9000000, 0x10000)); /* … and that */
    assert_true(has_device(fixture, 0x20000000, 0x100000));
    assert_true(has_device(fixture, 0xa0000000, 0x100000000));
    assert_true(has_device(fixture, 0x5000000, 0x1000));
    assert_true(has_device(fixture, 0x5013000, 0x1000));
    assert_false(has_device(fixture, 0x5014000, 0x1000));
}

static void test_uart_of_stdout_path(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "/", "serial");
    set_text(fixture, "/serial", "compatible", "arm,pl011");
    SET(fixture, "/serial", "reg", 0x5000000, 0x1000);
    add(fixture, "/", "chosen");
    set_text(fixture, "/chosen", "stdout-path", "/bus/uart:115200n8");
    assert_true(read_with(fixture, CONF));
    assert_int_equal(fixture->board.machine.uart, 0x9002000);
    set_text(fixture, "/chosen", "stdout-path", "/serial");
    assert_true(read_with(fixture, CONF));
    assert_int_equal(fixture->board.machine.uart, 0x5000000);
    set_text(fixture, "/chosen", "stdout-path", "/nowhere"); /* then any will do */
    assert_true(read_with(fixture, CONF));
}

static void test_psci_conduit(void **state)
{
    struct fixture *fixture = *state;

    assert_true(read_with(fixture, CONF));
    assert_int_equal(fixture->board.machine.psci_conduit, 0);
    add(fixture, "/", "psci");
    set_text(fixture, "/psci", "compatible", "arm,psci-1.0");
    set_text(fixture, "/psci", "method", "hvc");
    assert_true(read_with(fixture, CONF));
    assert_int_equal(fixture->board.machine.psci_conduit, 1);
}

/* Without any one of these there is no machine to describe. */
static void test_missing_parts(void **state)
{
    static const char *const paths[] = {"/memory", "/cpus", "/timer", "/bus", "/intc"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        make_tree(fixture);
        fdt_del_node(fixture->tree, fdt_path_offset(fixture->tree, paths[i]));
        assert_false(read_with(fixture, CONF));
    }
}

static void test_uart_that_is_out_of_reach(void **state)
{
    struct fixture *fixture = *state;

    fdt_delprop(fixture->tree, fdt_path_offset(fixture->tree, "/bus"), "ranges");
    assert_false(read_with(fixture, CONF));
    SET(fixture, "/bus", "ranges", 1, 0, 0x9000000, 0x1000); /* too short */
    assert_false(read_with(fixture, CONF));
}

static void test_every_truncation(void **state)
{
    struct fixture *fixture = *state;

    write_file(fixture, "board.conf", CONF, strlen(CONF));
    fdt_pack(fixture->tree);
    for (size_t size = 0; size < fdt_totalsize(fixture->tree); size += 7) {
        write_file(fixture, "board.dtb", fixture->tree, size);
        assert_false(board_read(&fixture->arena, fixture->directory, &fixture->board));
    }
}

static int silence(void)
{
    int kept = dup(STDERR_FILENO);
    FILE *nothing = fopen("/dev/null", "w");

    assert_true(kept >= 0);
    assert_non_null(nothing);
    assert_true(dup2(fileno(nothing), STDERR_FILENO) >= 0);
    assert_int_equal(fclose(nothing), 0);
    return kept;
}

/* Whatever the tree has become, it is read or refused: the sanitizers look on. */
static void test_mutations(void **state)
{
    struct fixture *fixture = *state;
    char whole[TREE_SIZE];
    uint64_t random = 1;
    unsigned int read = 0;
    int kept = silence();

    add(fixture, "/", "reserved-memory");
    add(fixture, "/reserved-memory", "closed");
    SET(fixture, "/reserved-memory/closed", "reg", 0, 0x42000000, 0, 0x1000);
    set(fixture, "/reserved-memory/closed", "no-map", 0, NULL);
    SET(fixture, "/bus/uart", "interrupts-extended", 1, 1, 4, 4);
    memcpy(whole, fixture->tree, TREE_SIZE);
    for (unsigned int i = 0; i < 3000; i++) {
        for (unsigned int k = 0; k <= i % 3; k++) {
            random = random * 6364136223846793005 + 1442695040888963407;
            fixture->tree[(random >> 33) % fdt_totalsize(whole)] = (char)(random >> 25);
        }
        read += read_with(fixture, CONF);
        memcpy(fixture->tree, whole, TREE_SIZE);
    }
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
    assert_in_range(read, 300, 2900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_gicv2_board, start, end),
        cmocka_unit_test_setup_teardown(test_gicv2_frames_from_conf, start, end),
        cmocka_unit_test_setup_teardown(test_gicv3, start, end),
        cmocka_unit_test_setup_teardown(test_gicv3_with_all_frames, start, end),
        cmocka_unit_test_setup_teardown(test_frames_below_the_gic, start, end),
        cmocka_unit_test_setup_teardown(test_ppis, start, end),
        cmocka_unit_test_setup_teardown(test_reserved, start, end),
        cmocka_unit_test_setup_teardown(test_more_memory_than_the_trees, start, end),
        cmocka_unit_test_setup_teardown(test_memory_that_is_disabled, start, end),
        cmocka_unit_test_setup_teardown(test_triggers, start, end),
        cmocka_unit_test_setup_teardown(test_devices, start, end),
        cmocka_unit_test_setup_teardown(test_uart_of_stdout_path, start, end),
        cmocka_unit_test_setup_teardown(test_psci_conduit, start, end),
        cmocka_unit_test_setup_teardown(test_missing_parts, start, end),
        cmocka_unit_test_setup_teardown(test_uart_that_is_out_of_reach, start, end),
        cmocka_unit_test_setup_teardown(test_every_truncation, start, end),
        cmocka_unit_test_setup_teardown(test_mutations, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
