/* SPDX-License-Identifier: BSD-2-Clause */
/* Overlay and command line. Overlays are made with libfdt; tests/vmconf compiles real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/tool/vmconf/fixture.h"
#include "tool/vmconf/fdt_writer.h"

static struct fixture fixture;
static struct fdt_writer writer;

/* Opens a fragment for what is at `path`. */
static int setup_at(const char *path)
{
    fixture_start(&fixture);
    fixture_start_overlay(&fixture, &writer, path);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    return setup_at("/");
}

static int setup_chosen(void **state)
{
    (void)state;
    return setup_at("/chosen");
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

static void test_bootargs(void **state)
{
    (void)state;
    fdt_writer_string(&writer, "bootargs", "root=/dev/vda1");
    struct guest *guest = derive();

    assert_string_equal(fixture_messages, "");
    int chosen = fdt_path_offset(guest->fdt, "/chosen");
    assert_string_equal(fdt_getprop(guest->fdt, chosen, "bootargs", NULL), "root=/dev/vda1");
}

static void test_command_line_wins(void **state)
{
    (void)state;
    fdt_writer_string(&writer, "bootargs", "root=/dev/vda1");
    fixture.extra.bootargs = "quiet";
    struct guest *guest = derive();

    int chosen = fdt_path_offset(guest->fdt, "/chosen");
    assert_string_equal(fdt_getprop(guest->fdt, chosen, "bootargs", NULL), "quiet");
}

static void test_bootargs_too_long(void **state)
{
    (void)state;
    char *text = arena_alloc(&fixture.arena, 2049);
    memset(text, 'x', 2048);
    fdt_writer_string(&writer, "bootargs", text);
    derive();

    assert_string_equal(fixture_messages, "error: the bootargs of 'linux' are longer than the 2047 "
                                          "characters that Linux reads\n");
}

static const char *virtio_bootargs(const char *bootargs)
{
    fixture_add_multiplexer(&fixture);
    fdt_writer_begin(&writer, "sluice");
    fdt_writer_string(&writer, "console", "virtio");
    fdt_writer_end(&writer);
    fixture.extra.bootargs = bootargs;
    struct guest *guest = derive();

    assert_string_equal(fixture_messages, "");
    return fdt_getprop(guest->fdt, fdt_path_offset(guest->fdt, "/chosen"), "bootargs", NULL);
}

static void test_virtio_console(void **state)
{
    (void)state;
    assert_string_equal(virtio_bootargs("quiet"), "quiet console=hvc0");
}

static void test_virtio_console_without_bootargs(void **state)
{
    (void)state;
    assert_string_equal(virtio_bootargs(NULL), "console=hvc0");
}

static void test_virtio_console_that_is_named(void **state)
{
    (void)state;
    assert_string_equal(virtio_bootargs("quiet console=ttyS0"), "quiet console=ttyS0");
}

static void test_virtio_console_beside_another(void **state)
{
    (void)state;
    assert_string_equal(virtio_bootargs("netconsole=@/"), "netconsole=@/ console=hvc0");
}

static void write_node(const char *name, uint64_t address, const char *status)
{
    uint64_t reg[2] = {address, 0x1000};

    fdt_writer_begin(&writer, name);
    fdt_writer_string(&writer, "compatible", "arm,pl031");
    fdt_writer_u64s(&writer, "reg", reg, 2);
    if (status != NULL) {
        fdt_writer_string(&writer, "status", status);
    }
    fdt_writer_end(&writer);
}

static void test_node_over_nothing(void **state)
{
    (void)state;
    write_node("rtc@9010000", 0x9010000, NULL);
    derive();

    assert_string_equal(fixture_messages,
                        "error: linux.dtb: /rtc@9010000: nothing is mapped into the guest at "
                        "0x9010000..0x9011000 (its reg); map it, or set status = \"disabled\"\n");
}

static void test_disabled_node(void **state)
{
    (void)state;
    write_node("rtc@9010000", 0x9010000, "disabled");
    derive();

    assert_string_equal(fixture_messages, "");
}

static void test_interrupt_that_never_arrives(void **state)
{
    (void)state;
    const fdt32_t interrupts[3] = {0, cpu_to_fdt32(68), cpu_to_fdt32(4)};
    fdt_writer_begin(&writer, "button");
    fdt_writer_bytes(&writer, "interrupts", interrupts, sizeof(interrupts));
    fdt_writer_end(&writer);
    derive();

    assert_string_equal(fixture_messages,
                        "error: linux.dtb: /button: interrupt 100 never arrives: protection domain "
                        "'vmm' has no <irq> for it\n");
}

static void test_unknown_phandle(void **state)
{
    (void)state;
    fdt_writer_begin(&writer, "keys");
    fdt_writer_cell(&writer, "vcc-supply", 0x7777);
    fdt_writer_end(&writer);
    derive();

    assert_string_equal(fixture_messages, "error: linux.dtb: /keys: property 'vcc-supply' refers "
                                          "to phandle 0x7777, which no node has\n");
}

static void test_memory(void **state)
{
    (void)state;
    uint64_t reg[2] = {0x40000000, 0x1000};
    fdt_writer_begin(&writer, "memory@40000000");
    fdt_writer_u64s(&writer, "reg", reg, 2);
    fdt_writer_end(&writer);
    derive();

    assert_string_equal(fixture_messages, "error: linux.dtb: the overlay changes the guest's "
                                          "memory, which is what the description maps\n");
}

static void test_target_missing(void **state)
{
    (void)state;
    fixture_end(&fixture);
    setup_at("/nowhere");
    derive();

    assert_string_equal(
        fixture_messages,
        "error: linux.dtbo: cannot be applied to the tree of 'linux' (FDT_ERR_NOTFOUND)\n");
}

/* Leaves the fragment, and derive() closes what this opens. */
static void write_fixup(const char *label, const char *place)
{
    fdt_writer_end(&writer);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "__fixups__");
    fdt_writer_string(&writer, label, place);
    fdt_writer_begin(&writer, "x");
}

static void expect_damaged(const char *place)
{
    write_fixup("chosen", place);
    derive();
    assert_string_equal(fixture_messages,
                        "error: linux.dtbo: damaged: its references point outside of its "
                        "properties; compile it again: dtc -@\n");
}

static void test_fixup_behind_its_property(void **state)
{
    (void)state;
    expect_damaged("/fragment@0:target-path:5"); /* "/chosen" has 8 bytes */
}

static void test_fixup_before_its_property(void **state)
{
    (void)state;
    expect_damaged("/fragment@0:target-path:4294967292");
}

static void test_fixup_of_nothing(void **state)
{
    (void)state;
    expect_damaged("/fragment@1:target:0");
}

static void test_local_fixup_behind_its_property(void **state)
{
    (void)state;
    fdt_writer_end(&writer);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "__local_fixups__");
    fdt_writer_begin(&writer, "fragment@0");
    fdt_writer_cell(&writer, "target-path", 0x40000000);
    derive();

    assert_non_null(strstr(fixture_messages, "damaged"));
}

static void test_unknown_label(void **state)
{
    (void)state;
    write_fixup("uart7", "/fragment@0:target-path:4");
    derive();

    assert_string_equal(fixture_messages,
                        "error: linux.dtbo: label 'uart7' is unknown; the guest's tree has: "
                        "chosen, aliases, memory, cpu0, psci, timer, gic, apb_pclk, pl011_9000000, "
                        "virtio_mmio_a000000, sluice\n");
}

static void test_not_an_overlay(void **state)
{
    (void)state;
    size_t size;
    void *blob = fixture_board_blob(&fixture.arena, &size);
    fixture.extra.overlay = (struct vmconf_blob){"linux.dtbo", blob, size};
    fixture_derive(&fixture);

    assert_string_equal(fixture_messages,
                        "error: linux.dtbo: not an overlay: its source needs /plugin/; and nodes "
                        "of the form &label { }\n");
}

static void test_truncated(void **state)
{
    (void)state;
    size_t size;
    void *blob = fixture_board_blob(&fixture.arena, &size);
    fixture.extra.overlay = (struct vmconf_blob){"linux.dtbo", blob, size / 2};
    fixture_derive(&fixture);

    assert_string_equal(fixture_messages, "error: linux.dtbo: not a sound device tree blob\n");
}

int main(void)
{
#define TEST(function, start) cmocka_unit_test_setup_teardown(function, start, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_bootargs, setup_chosen),
        TEST(test_command_line_wins, setup_chosen),
        TEST(test_bootargs_too_long, setup_chosen),
        TEST(test_virtio_console, setup),
        TEST(test_virtio_console_without_bootargs, setup),
        TEST(test_virtio_console_that_is_named, setup),
        TEST(test_virtio_console_beside_another, setup),
        TEST(test_node_over_nothing, setup),
        TEST(test_disabled_node, setup),
        TEST(test_interrupt_that_never_arrives, setup),
        TEST(test_unknown_phandle, setup),
        TEST(test_memory, setup),
        TEST(test_target_missing, setup),
        TEST(test_unknown_label, setup_chosen),
        TEST(test_fixup_behind_its_property, setup_chosen),
        TEST(test_fixup_before_its_property, setup_chosen),
        TEST(test_fixup_of_nothing, setup_chosen),
        TEST(test_local_fixup_behind_its_property, setup_chosen),
        TEST(test_not_an_overlay, setup),
        TEST(test_truncated, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
