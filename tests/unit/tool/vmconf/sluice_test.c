/* SPDX-License-Identifier: BSD-2-Clause */
/* /sluice: what each property sets, and that it is found ahead of the tree. */
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

static int setup_at(const char *path)
{
    fixture_start(&fixture);
    fixture_start_overlay(&fixture, &writer, path);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    return setup_at("/sluice");
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

static void test_restart_never(void **state)
{
    (void)state;
    fdt_writer_string(&writer, "restart", "never");

    assert_int_equal(derive()->config.flags, VM_CONFIG_POWEROFF_MACHINE | VM_CONFIG_NO_RESTART);
    assert_string_equal(fixture_messages, "");
}

static void test_autostart(void **state)
{
    (void)state;
    fixture_add_multiplexer(&fixture);
    fdt_writer_string(&writer, "autostart", "no");

    assert_int_equal(derive()->config.flags, VM_CONFIG_POWEROFF_MACHINE | VM_CONFIG_NO_AUTOSTART);
    assert_string_equal(fixture_messages, "");
}

static void test_defaults_in_words(void **state)
{
    (void)state;
    fdt_writer_string(&writer, "restart", "always");
    fdt_writer_string(&writer, "autostart", "yes");
    fdt_writer_string(&writer, "console", "none");
    fdt_writer_string(&writer, "virtio", "mmio");
    struct guest *guest = derive();

    assert_int_equal(guest->config.flags, VM_CONFIG_POWEROFF_MACHINE);
    assert_int_equal(guest->config.console.kind, VM_CONFIG_CONSOLE_NONE);
    assert_string_equal(fixture_messages, "");
}

static void test_bad_values(void **state)
{
    (void)state;
    fdt_writer_string(&writer, "restart", "sometimes");
    fdt_writer_string(&writer, "autostart", "");
    fdt_writer_string(&writer, "console", "pl01");
    fdt_writer_string(&writer, "virtio", "pcie");
    fdt_writer_cell(&writer, "watchdog", 0);
    derive();

    assert_string_equal(
        fixture_messages,
        "error: linux.dtbo: /sluice: watchdog takes one cell, the seconds: 1 to 3600\n"
        "error: linux.dtbo: /sluice: virtio takes \"mmio\" or \"pci\"\n"
        "error: linux.dtbo: /sluice: console takes \"pl011\", \"virtio\" or \"none\"\n"
        "error: linux.dtbo: /sluice: autostart takes \"yes\" or \"no\"\n"
        "error: linux.dtbo: /sluice: restart takes \"always\" or \"never\"\n");
}

static void expect_watchdog(uint32_t seconds, bool is_good)
{
    fixture_add_multiplexer(&fixture);
    fdt_writer_cell(&writer, "watchdog", seconds);
    struct guest *guest = derive();

    assert_int_equal(fixture.messages.error_count, is_good ? 0 : 1);
    assert_int_equal(guest->watchdog.seconds, is_good ? seconds : 0);
}

static void test_longest_watchdog(void **state)
{
    (void)state;
    expect_watchdog(3600, true);
}

static void test_too_long_a_watchdog(void **state)
{
    (void)state;
    expect_watchdog(3601, false);
}

static void test_unknown(void **state)
{
    (void)state;
    fdt_writer_string(&writer, "restrat", "never");
    fdt_writer_begin(&writer, "console");
    fdt_writer_end(&writer);
    derive();

    assert_string_equal(fixture_messages,
                        "error: linux.dtbo: /sluice: unknown property 'restrat'; known: restart, "
                        "autostart, console, virtio, watchdog\n"
                        "error: linux.dtbo: /sluice: unknown node 'console'\n");
}

static void expect_virtio(void)
{
    assert_int_equal(derive()->config.console.kind, VM_CONFIG_CONSOLE_VIRTIO);
    assert_string_equal(fixture_messages, "");
}

static void test_ahead_by_path(void **state)
{
    (void)state;
    fixture_add_multiplexer(&fixture);
    fdt_writer_string(&writer, "console", "virtio");
    expect_virtio();
}

static void test_ahead_from_the_root(void **state)
{
    (void)state;
    fixture_end(&fixture);
    setup_at("/");
    fixture_add_multiplexer(&fixture);
    fdt_writer_begin(&writer, "sluice");
    fdt_writer_string(&writer, "console", "virtio");
    fdt_writer_end(&writer);
    expect_virtio();
}

/* As dtc writes &sluice { }. The last fragment wins. */
static void test_ahead_by_label(void **state)
{
    (void)state;
    fixture_add_multiplexer(&fixture);
    fdt_writer_string(&writer, "console", "none");
    fdt_writer_end(&writer);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "fragment@1");
    fdt_writer_cell(&writer, "target", 0xffffffff);
    fdt_writer_begin(&writer, "__overlay__");
    fdt_writer_string(&writer, "console", "virtio");
    fdt_writer_end(&writer);
    fdt_writer_end(&writer);
    fdt_writer_begin(&writer, "__fixups__");
    fdt_writer_string(&writer, "sluice", "/fragment@1:target:0");
    fdt_writer_begin(&writer, "x");
    expect_virtio();
}

static void test_by_another_path(void **state)
{
    (void)state;
    fixture_end(&fixture);
    setup_at("//sluice");
    fixture_add_multiplexer(&fixture);
    fdt_writer_string(&writer, "console", "virtio");
    derive();

    assert_string_equal(fixture_messages,
                        "error: linux.dtbo: /sluice is not given as &sluice { }: it must be\n");
}

static void test_virtio_by_another_path(void **state)
{
    (void)state;
    fixture_end(&fixture);
    setup_at("//sluice");
    fixture_add_multiplexer(&fixture);
    fdt_writer_string(&writer, "virtio", "pci");
    derive();

    assert_string_equal(fixture_messages,
                        "error: linux.dtbo: /sluice is not given as &sluice { }: it must be\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_restart_never),  TEST(test_autostart),        TEST(test_defaults_in_words),
        TEST(test_bad_values),     TEST(test_longest_watchdog), TEST(test_too_long_a_watchdog),
        TEST(test_unknown),        TEST(test_ahead_by_path),    TEST(test_ahead_from_the_root),
        TEST(test_ahead_by_label), TEST(test_by_another_path),  TEST(test_virtio_by_another_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
