/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding of registers and interrupts, and what malformed trees get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/tool/vmconf/fixture.h"
#include "tool/vmconf/blob.h"
#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/tree.h"

#define CAPACITY 4096

static struct arena arena;
static struct sdf_messages messages;
static struct fdt_writer writer;

static int setup(void **state)
{
    (void)state;
    fixture_messages[0] = '\0';
    messages = (struct sdf_messages){.path = "x.system"};
    fdt_writer_start(&writer, &arena, CAPACITY);
    fdt_writer_cell(&writer, "#address-cells", 2);
    fdt_writer_cell(&writer, "#size-cells", 2);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void cells(const char *name, size_t count, const uint32_t *values)
{
    fdt32_t bytes[16];

    assert_true(count <= 16);
    for (size_t i = 0; i < count; i++) {
        bytes[i] = cpu_to_fdt32(values[i]);
    }
    fdt_writer_bytes(&writer, name, bytes, (int)(count * sizeof(bytes[0])));
}

#define CELLS(name, ...)                                                    \
    cells(name, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), \
          (const uint32_t[]){__VA_ARGS__})

static struct tree *parse(void)
{
    fdt_writer_finish(&writer);
    assert_int_equal(writer.error, 0);
    return tree_parse(&arena, writer.fdt, fdt_totalsize(writer.fdt), "t.dtb", &messages);
}

static void expect_error(const char *message)
{
    assert_null(parse());
    assert_string_equal(fixture_messages, message);
}

static void write_gic(void)
{
    fdt_writer_begin(&writer, "gic");
    fdt_writer_string(&writer, "compatible", "arm,gic-400");
    fdt_writer_cell(&writer, "phandle", 1);
    fdt_writer_cell(&writer, "#interrupt-cells", 3);
    fdt_writer_end(&writer);
}

static void test_reg_through_buses(void **state)
{
    (void)state;
    fdt_writer_begin(&writer, "soc");
    fdt_writer_cell(&writer, "#address-cells", 1);
    fdt_writer_cell(&writer, "#size-cells", 1);
    CELLS("ranges", 0x1000, 0x2, 0x5000, 0x100, 0x8000, 0, 0x8000, 0x1000);
    fdt_writer_begin(&writer, "a@1010");
    CELLS("reg", 0x1010, 0x20, 0x8000, 0x1000);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "outside@2000");
    CELLS("reg", 0x2000, 0x20);
    fdt_writer_end(&writer);
    fdt_writer_end(&writer);
    struct tree *tree = parse();

    assert_non_null(tree);
    const struct tree_node *node = &tree->nodes[tree_find_path(tree, "/soc/a@1010")];
    assert_int_equal(node->reg_count, 2);
    assert_int_equal(node->regs[0].start, 0x200005010);
    assert_int_equal(node->regs[0].size, 0x20);
    assert_int_equal(node->regs[1].start, 0x8000);
    node = &tree->nodes[tree_find_path(tree, "/soc/outside@2000")];
    assert_true(node->has_reg);
    assert_int_equal(node->reg_count, 0);
}

static void test_reg_without_ranges(void **state)
{
    (void)state;
    fdt_writer_begin(&writer, "i2c");
    fdt_writer_cell(&writer, "#address-cells", 1);
    fdt_writer_cell(&writer, "#size-cells", 0);
    fdt_writer_begin(&writer, "chip@50");
    CELLS("reg", 0x50);
    fdt_writer_end(&writer);
    fdt_writer_end(&writer);
    struct tree *tree = parse();

    assert_non_null(tree);
    assert_int_equal(tree->nodes[2].reg_count, 0);
    assert_true(tree->nodes[2].has_reg);
}

static void test_reg_of_odd_length(void **state)
{
    (void)state;
    fdt_writer_begin(&writer, "a@0");
    CELLS("reg", 0, 0, 0);
    fdt_writer_end(&writer);

    expect_error("error: t.dtb: /a@0: reg is 12 bytes long, not a multiple of 4 cells\n");
}

static void test_reg_that_wraps(void **state)
{
    (void)state;
    fdt_writer_begin(&writer, "a@0");
    CELLS("reg", 0xffffffff, 0xfffff000, 0, 0x2000);
    fdt_writer_end(&writer);

    expect_error("error: t.dtb: /a@0: reg runs over the end of the address space\n");
}

static void test_interrupts(void **state)
{
    (void)state;
    write_gic();
    fdt_writer_begin(&writer, "a");
    fdt_writer_cell(&writer, "interrupt-parent", 1);
    CELLS("interrupts", 0, 47, 1, 1, 11, 0x108);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "b");
    CELLS("interrupts-extended", 1, 0, 5, 4);
    fdt_writer_end(&writer);
    struct tree *tree = parse();

    assert_non_null(tree);
    const struct tree_node *a = &tree->nodes[tree_find_path(tree, "/a")];
    assert_int_equal(a->irq_count, 2);
    assert_int_equal(a->irqs[0].intid, 79);
    assert_true(a->irqs[0].edge);
    assert_int_equal(a->irqs[1].intid, 27);
    assert_false(a->irqs[1].edge);
    assert_int_equal(tree->nodes[tree_find_path(tree, "/b")].irqs[0].intid, 37);
}

static void test_interrupts_of_another_controller(void **state)
{
    (void)state;
    write_gic();
    fdt_writer_begin(&writer, "gpio");
    fdt_writer_cell(&writer, "phandle", 2);
    fdt_writer_cell(&writer, "#interrupt-cells", 2);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "a");
    fdt_writer_cell(&writer, "interrupt-parent", 2);
    CELLS("interrupts", 3, 1);
    fdt_writer_end(&writer);
    struct tree *tree = parse();

    assert_non_null(tree);
    assert_int_equal(tree->nodes[3].irq_count, 0);
    assert_int_equal(tree->nodes[3].interrupt_parent, 2);
}

static void test_malformed_interrupts(void **state)
{
    (void)state;
    write_gic();
    fdt_writer_begin(&writer, "a");
    fdt_writer_cell(&writer, "interrupt-parent", 1);
    CELLS("interrupts", 0, 47);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "b");
    fdt_writer_cell(&writer, "interrupt-parent", 1);
    CELLS("interrupts", 7, 0, 1);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "c");
    CELLS("interrupts", 0, 1, 4);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "d");
    CELLS("interrupts-extended", 1, 0, 5);
    fdt_writer_end(&writer);

    expect_error("error: t.dtb: /a: interrupts is 8 bytes long, not a multiple of 3 cells\n"
                 "error: t.dtb: /b: interrupt <7 0 1> is not one of a GIC\n"
                 "error: t.dtb: /c has interrupts but no interrupt parent\n"
                 "error: t.dtb: /d: interrupts-extended is malformed\n");
}

static void test_cyclic_interrupt_parents(void **state)
{
    (void)state;
    fdt_writer_begin(&writer, "a");
    fdt_writer_cell(&writer, "phandle", 1);
    fdt_writer_cell(&writer, "interrupt-parent", 2);
    CELLS("interrupts", 0, 1, 4);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "b");
    fdt_writer_cell(&writer, "phandle", 2);
    fdt_writer_cell(&writer, "interrupt-parent", 1);
    fdt_writer_end(&writer);

    expect_error("error: t.dtb: /a has interrupts but no interrupt parent\n");
}

static void test_same_phandle(void **state)
{
    (void)state;
    write_gic();
    fdt_writer_begin(&writer, "a");
    fdt_writer_cell(&writer, "phandle", 1);
    fdt_writer_end(&writer);

    expect_error("error: t.dtb: /gic and /a have the same phandle\n");
}

static void test_not_a_tree(void **state)
{
    (void)state;
    assert_null(tree_parse(&arena, "short", 5, "t.dtb", &messages));
    assert_string_equal(fixture_messages, "error: t.dtb: not a sound device tree blob\n");
}

static void expect_unsound(void)
{
    assert_null(tree_parse(&arena, writer.fdt, fdt_totalsize(writer.fdt), "t.dtb", &messages));
    assert_string_equal(fixture_messages, "error: t.dtb: not a sound device tree blob\n");
}

static void test_old_version(void **state)
{
    (void)state;
    fdt_writer_finish(&writer);
    fdt_set_version(writer.fdt, 14);
    expect_unsound();
}

/* libfdt 1.6's own check does not come back from this one. */
static void test_property_length_that_wraps(void **state)
{
    (void)state;
    fdt_writer_finish(&writer);
    fdt32_t *length = (fdt32_t *)(void *)((char *)writer.fdt + fdt_off_dt_struct(writer.fdt) + 12);
    assert_int_equal(fdt32_ld(length), 4); /* of #address-cells */
    *length = cpu_to_fdt32(0xfffffff0);
    expect_unsound();
}

static void test_strings_outside(void **state)
{
    (void)state;
    fdt_writer_finish(&writer);
    fdt_set_off_dt_strings(writer.fdt, UINT32_MAX - 1);
    expect_unsound();
}

static void test_too_deep(void **state)
{
    (void)state;
    for (int i = 0; i < BLOB_MAX_DEPTH + 1; i++) {
        fdt_writer_begin(&writer, "n");
    }
    for (int i = 0; i < BLOB_MAX_DEPTH + 1; i++) {
        fdt_writer_end(&writer);
    }
    expect_error(
        "error: t.dtb: too many nodes (more than 8192), or nodes too deep (more than 32)\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_reg_through_buses),    TEST(test_reg_without_ranges),
        TEST(test_reg_of_odd_length),    TEST(test_reg_that_wraps),
        TEST(test_interrupts),           TEST(test_interrupts_of_another_controller),
        TEST(test_malformed_interrupts), TEST(test_cyclic_interrupt_parents),
        TEST(test_same_phandle),         TEST(test_not_a_tree),
        TEST(test_old_version),          TEST(test_property_length_that_wraps),
        TEST(test_strings_outside),      TEST(test_too_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
