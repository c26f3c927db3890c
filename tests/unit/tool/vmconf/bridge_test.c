/* SPDX-License-Identifier: BSD-2-Clause */
/* What is read of host bridges: buses, windows, lines, and whose MSI frame it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/tool/vmconf/fixture.h"

#define ROOM 8192
#define GIC  1 /* phandles */
#define V2M  7

static struct fixture fixture;
static void *board; /* the fixture's, writable */

static void set_cells(const char *path, const char *name, size_t count, const uint32_t *cells)
{
    fdt32_t bytes[32];

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

static void set_text(const char *path, const char *name, const char *text)
{
    int size = (int)strlen(text) + 1;

    assert_int_equal(fdt_setprop(board, fdt_path_offset(board, path), name, text, size), 0);
}

/* A bridge below `parent`, whose addresses have two cells. */
static void add_bridge(const char *parent, const char *path)
{
    add(parent, strrchr(path, '/') + 1);
    set_text(path, "compatible", "pci-host-ecam-generic");
    SET(path, "#address-cells", 3);
    SET(path, "#size-cells", 2);
    SET(path, "#interrupt-cells", 1);
    SET(path, "reg", 0, 0x30000000, 0, 0x1000000);
    SET(path, "ranges", 0x2000000, 0, 0x10000000, 0, 0x10000000, 0, 0x1000000);
}

static int setup(void **state)
{
    (void)state;
    size_t size;

    fixture_start(&fixture);
    void *blob = fixture_board_blob(&fixture.arena, &size);
    board = arena_alloc(&fixture.arena, size + ROOM);
    assert_int_equal(fdt_open_into(blob, board, (int)(size + ROOM)), 0);
    add_bridge("/", "/pcie");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_end(&fixture);
    return 0;
}

static const struct board *read_board(void)
{
    return board_read(&fixture.arena, board, fdt_totalsize(board), "board.dtb", &fixture.messages);
}

/* [from, to) goes to just before `end`. */
static void move(char *bytes, int from, int to, int end)
{
    char part[512];
    size_t size = (size_t)(to - from);

    assert_true(from <= to && to <= end && size <= sizeof(part));
    memcpy(part, &bytes[from], size);
    memmove(&bytes[from], &bytes[to], (size_t)(end - to));
    memcpy(&bytes[end - (int)size], part, size);
}

static int find_property(const char *path, const char *name)
{
    int at = fdt_first_property_offset(board, fdt_path_offset(board, path));
    const char *found = NULL;

    for (; at >= 0; at = fdt_next_property_offset(board, at)) {
        (void)fdt_getprop_by_offset(board, at, &found, NULL);
        if (strcmp(found, name) == 0) {
            break;
        }
    }
    assert_true(at >= 0);
    return at;
}

/* A property becomes the last of its node, which has no children, and that the root's last. */
static void make_last(const char *path, const char *name)
{
    char *structure = (char *)board + fdt_off_dt_struct(board);
    const int token = (int)sizeof(fdt32_t);
    int node = fdt_path_offset(board, path);
    int property = find_property(path, name);
    int length = (int)fdt32_ld((const fdt32_t *)&structure[property + token]);
    int end = property;
    int node_end;

    while (fdt_next_tag(board, end, &node_end) == FDT_PROP) {
        end = node_end;
    }
    move(structure, property, property + 3 * token + (length + 3) / 4 * 4, end);
    move(structure, node, node_end, (int)fdt_size_dt_struct(board) - 2 * token);
}

/* What is read of a copy that ends where its structure does: but for the ends of node and root and
 * the last token, with the last property. */
static bool is_refused_at_the_end(void)
{
    size_t start = fdt_off_dt_struct(board);
    size_t size = fdt_size_dt_struct(board);
    size_t strings = fdt_size_dt_strings(board);
    size_t room = (strings + 7) / 8 * 8;
    char *copy = malloc(start + room + size);

    assert_non_null(copy);
    memcpy(copy, board, start);
    memcpy(&copy[start], (const char *)board + fdt_off_dt_strings(board), strings);
    memcpy(&copy[start + room], (const char *)board + start, size);
    fdt_set_off_dt_strings(copy, (uint32_t)start);
    fdt_set_off_dt_struct(copy, (uint32_t)(start + room));
    fdt_set_totalsize(copy, (uint32_t)(start + room + size));
    bool is_refused = board_read(&fixture.arena, copy, start + room + size, "board.dtb",
                                 &fixture.messages) == NULL;
    free(copy);
    return is_refused;
}

static const struct bridge *read_bridge(void)
{
    const struct board *read = read_board();

    assert_string_equal(fixture_messages, "");
    assert_int_equal(read->bridge_count, 1);
    return &read->bridges[0];
}

static void test_buses(void **state)
{
    (void)state;
    assert_int_equal(read_bridge()->bus_count, 16); /* as many as there is ECAM for */
    SET("/pcie", "bus-range", 3, 10);
    assert_int_equal(read_bridge()->first_bus, 3);
    assert_int_equal(read_bridge()->bus_count, 8);
    SET("/pcie", "bus-range", 3, 255);
    assert_int_equal(read_bridge()->bus_count, 16);
}

static void test_what_is_no_bridge(void **state)
{
    (void)state;
    SET("/pcie", "reg", 0, 0x30000000, 0, 0xff000);
    assert_int_equal(read_board()->bridge_count, 0);
    SET("/pcie", "reg", 0, 0x30000800, 0, 0x1000000);
    assert_int_equal(read_board()->bridge_count, 0);
    SET("/pcie", "reg", 0, 0x30000000, 0, 0x100000);
    assert_int_equal(read_board()->bridge_count, 1);
    SET("/pcie", "#size-cells", 1);
    SET("/pcie", "ranges", 0x2000000, 0, 0x10000000, 0, 0x10000000, 0x1000000);
    assert_int_equal(read_board()->bridge_count, 0);
    SET("/pcie", "#size-cells", 2);
    SET("/pcie", "ranges", 0x2000000, 0, 0x10000000, 0, 0x10000000, 0, 0x1000000);
    set_text("/pcie", "status", "disabled");
    assert_int_equal(read_board()->bridge_count, 0);
}

static void test_windows(void **state)
{
    (void)state;
    SET("/pcie", "ranges", 0x1000000, 0, 0, 0, 0x3eff0000, 0, 0x10000, /* I/O */
        0x42000000, 0, 0x10000000, 0, 0x10000000, 0, 0x1000000,        /* prefetchable */
        0x3000000, 0x80, 0, 0x90, 0, 0x10, 0);                         /* elsewhere on the bus */
    const struct bridge *bridge = read_bridge();
    assert_int_equal(bridge->window_count, 3);
    assert_int_equal(bridge_space(&bridge->windows[0]), BRIDGE_IO);
    assert_false(bridge_takes_bars(&bridge->windows[0]));
    assert_int_equal(bridge_space(&bridge->windows[1]), BRIDGE_MEMORY_32);
    assert_true(bridge_takes_bars(&bridge->windows[1]));
    assert_int_equal(bridge_space(&bridge->windows[2]), BRIDGE_MEMORY_64);
    assert_false(bridge_takes_bars(&bridge->windows[2]));
    assert_int_equal(bridge->windows[2].pci, 0x8000000000);
    assert_int_equal(bridge->windows[2].range.start, 0x9000000000);
    assert_int_equal(bridge->windows[2].range.size, 0x1000000000);
}

static void test_windows_that_are_none(void **state)
{
    (void)state;
    SET("/pcie", "ranges", 0x2000000, 0, 0x10000000, 0, 0x10000000, 0, 0, /* empty */
        0x3000000, 0xffffffff, 0, 0x80, 0, 1, 0,                          /* over the bus's end */
        0x3000000, 0, 0, 0xffffffff, 0, 2, 0);                            /* over the CPU's */
    assert_int_equal(read_bridge()->window_count, 0);
}

static void test_addresses_of_a_bus_above(void **state)
{
    (void)state;
    set_text("/pcie", "status", "disabled");
    add("/", "soc");
    SET("/soc", "#address-cells", 1);
    SET("/soc", "#size-cells", 1);
    SET("/soc", "ranges", 0, 1, 0, 0x40000000);
    add_bridge("/soc", "/soc/pcie");
    SET("/soc/pcie", "reg", 0x30000000, 0x1000000);
    SET("/soc/pcie", "ranges", 0x2000000, 1, 0x10000000, 0x10000000, 0, 0x1000000, /* one cell */
        0x2000000, 0, 0x20000000, 0x50000000, 0, 0x1000000); /* where the bus has nothing */
    const struct bridge *bridge = read_bridge();
    assert_int_equal(bridge->ecam.start, 0x130000000);
    assert_int_equal(bridge->window_count, 1);
    assert_int_equal(bridge->windows[0].range.start, 0x110000000);
    assert_true(bridge_takes_bars(&bridge->windows[0]));
}

/* The fixture's GIC has two cells of address. */
static void test_lines(void **state)
{
    (void)state;
    SET("/pcie", "bus-range", 2, 3);
    SET("/pcie", "interrupt-map-mask", 0xff1800, 0, 0, 7);
    SET("/pcie", "interrupt-map", 0x20800, 9, 9, 1, GIC, 0, 0, 0, 3, 4, /* 02:01, masked cells */
        0x30800, 0, 0, 1, GIC, 0, 0, 0, 4, 4,                           /* another bus */
        0x20a00, 0, 0, 0xa, GIC, 0, 0, 0, 5, 4);                        /* masked bits */
    const struct bridge *bridge = read_bridge();
    assert_int_equal(bridge_find_line(bridge, 1, 1)->intid, 35);
    assert_int_equal(bridge_find_line(bridge, 5, 1)->intid, 35);
    assert_int_equal(bridge_find_line(bridge, 1, 2)->intid, 37);
    assert_null(bridge_find_line(bridge, 1, 3));
    assert_null(bridge_find_line(bridge, 2, 1));
    assert_true(bridge_has_line(bridge, 36));
    assert_false(bridge_has_line(bridge, 38));
    SET("/pcie", "interrupt-map-mask", 0xffff00, 0, 0, 7);
    assert_null(bridge_find_line(read_bridge(), 1, 1)); /* not the same for all functions */
}

static void test_lines_to_others(void **state)
{
    (void)state;
    add("/", "pic");
    SET("/pic", "phandle", 9);
    SET("/pic", "#interrupt-cells", 1);
    SET("/pcie", "interrupt-map", 0, 0, 0, 1, 9, 33, /* no addresses, one cell */
        0, 0, 0, 2, GIC, 0, 0, 0, 4, 1,              /* an edge */
        0, 0, 0, 3, GIC, 0, 0, 0, 5, 4);
    const struct bridge *bridge = read_bridge();
    assert_int_equal(bridge->line_count, 1);
    assert_int_equal(bridge->lines[0].irq.intid, 37);
    SET("/pcie", "interrupt-map", 0, 0, 0, 1, GIC, 0, 0, 1, 5, 4); /* private to a core */
    assert_null(read_board());
    assert_string_equal(fixture_messages,
                        "error: board.dtb: /pcie: property 'interrupt-map' is malformed\n");
}

/* Cut anywhere, it is refused or ends between two entries; never read past. */
static void test_lines_cut(void **state)
{
    static const uint32_t entry[] = {0, 0, 0, 1, GIC, 0, 0, 0, 3, 4,
                                     0, 0, 0, 2, GIC, 0, 0, 0, 4, 4};

    (void)state;
    for (size_t count = 0; count < sizeof(entry) / sizeof(entry[0]); count++) {
        set_cells("/pcie", "interrupt-map", count, entry);
        assert_int_equal(read_board() == NULL, count != 0 && count != 10);
        make_last("/pcie", "interrupt-map");
        assert_int_equal(is_refused_at_the_end(), count != 0 && count != 10);
    }
}

static void test_message_frames(void **state)
{
    const char *gic = "/intc@8000000";
    const char *frame = "/intc@8000000/v2m@8020000";

    (void)state;
    assert_int_equal(read_bridge()->msi.node, TREE_NONE);
    add(gic, "v2m@8020000");
    SET(frame, "phandle", V2M);
    SET(frame, "reg", 0, 0x8020000, 0, 0x1000);
    SET("/pcie", "msi-parent", V2M);
    assert_int_equal(read_bridge()->msi.node, TREE_NONE); /* not of that kind */
    set_text(frame, "compatible", "arm,gic-v2m-frame");
    assert_int_equal(read_bridge()->msi.frame.start, 0x8020000);
    assert_int_equal(read_bridge()->msi.count, 0);
    SET("/pcie", "msi-map", 0, GIC, 0, 0x10000); /* which counts first */
    assert_int_equal(read_bridge()->msi.node, TREE_NONE);
    SET("/pcie", "msi-map", 0, V2M, 0, 0x10000);
    SET(frame, "arm,msi-base-spi", 1000);
    SET(frame, "arm,msi-num-spis", 20);
    const struct bridge *bridge = read_bridge();
    assert_true(bridge_has_vector(bridge, 1000));
    assert_true(bridge_has_vector(bridge, 1019));
    assert_false(bridge_has_vector(bridge, 999));
    assert_false(bridge_has_vector(bridge, 1020));
}

static void test_vectors_that_are_told(void **state)
{
    const char *frame = "/intc@8000000/v2m@8020000";

    (void)state;
    add("/intc@8000000", "v2m@8020000");
    SET(frame, "phandle", V2M);
    SET(frame, "reg", 0, 0x8020000, 0, 0x1000);
    set_text(frame, "compatible", "arm,gic-v2m-frame");
    SET("/pcie", "msi-parent", V2M);
    struct board *read =
        board_read(&fixture.arena, board, fdt_totalsize(board), "board.dtb", &fixture.messages);
    board_set_vectors(read, 80, 64, false);
    assert_true(bridge_has_vector(&read->bridges[0], 143));
    board_set_vectors(read, 200, 1, true); /* known already */
    assert_int_equal(read->bridges[0].msi.first, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_buses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_bridge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_windows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_windows_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_addresses_of_a_bus_above, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines_to_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_message_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_vectors_that_are_told, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
