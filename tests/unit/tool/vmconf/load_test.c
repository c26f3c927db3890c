/* SPDX-License-Identifier: BSD-2-Clause */
/* Placement of the images, and kernels that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/tool/vmconf/fixture.h"

static int setup(void **state)
{
    static struct fixture fixture;

    fixture_start(&fixture);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_end(*state);
    return 0;
}

static void write_bytes(struct fixture *fixture, const void *bytes, size_t size)
{
    FILE *file = fopen(fixture->kernel_path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void expect_error(struct fixture *fixture, const char *why)
{
    const char *expected = arena_printf(&fixture->arena,
                                        "Error: '%s' is not an arm64 Image: %s on "
                                        "'memory_region'\n",
                                        fixture->kernel_path, why);
    fixture_derive(fixture);
    assert_string_equal(fixture_messages, expected);
}

static void test_text_offset(void **state)
{
    struct fixture *fixture = *state;
    fixture_write_kernel(fixture, 0x80000, 0x900000, 2);
    struct vm_config_load *load = &fixture_derive(fixture)->config.load;

    assert_int_equal(load->kernel_ipa, 0x40080000);
    assert_int_equal(load->kernel_span, 0x900000);
    assert_int_equal(load->initrd_ipa, 0x40a00000);
}

static void test_old_header(void **state)
{
    struct fixture *fixture = *state;
    fixture_write_kernel(fixture, 0, 0, 0);
    struct vm_config_load *load = &fixture_derive(fixture)->config.load;

    assert_int_equal(load->kernel_ipa, 0x40080000);
    assert_int_equal(load->kernel_span, 0x7ff000 + 0x1000000);
}

static void test_span_holds_the_file(void **state)
{
    struct fixture *fixture = *state;
    fixture_write_kernel(fixture, 0, 0x1000, 0);

    assert_int_equal(fixture_derive(fixture)->config.load.kernel_span, 0x7ff000);
}

static void test_no_initrd(void **state)
{
    struct fixture *fixture = *state;
    fixture->pd_maps[4].setvar_vaddr = NULL;
    struct vm_config_load *load = &fixture_derive(fixture)->config.load;

    assert_string_equal(fixture_messages, "");
    assert_int_equal(load->initrd_ipa, 0);
    assert_int_equal(load->initrd_size, 0);
    assert_int_equal(load->dtb_ipa, 0x41000000);
}

static void test_ram_base_is_aligned(void **state)
{
    struct fixture *fixture = *state;
    fixture->regions[REGION_RAM].phys_addr = 0x40001000;
    fixture->vm_maps[MAP_OF_RAM].vaddr = 0x40001000;

    assert_int_equal(fixture_derive(fixture)->config.load.kernel_ipa, 0x40200000);
}

static void test_does_not_fit(void **state)
{
    struct fixture *fixture = *state;
    fixture->regions[REGION_RAM].size = 0x1200000;
    fixture_derive(fixture);

    assert_string_equal(fixture_messages,
                        "Error: the guest's images need 0x1400000 bytes of RAM, but region 'ram' "
                        "has 0x1200000 (kernel 0x1000000 at 0x40000000, initrd 0xff000, device "
                        "tree 0x200000) on 'memory_region'\n");
}

static void test_big_endian(void **state)
{
    struct fixture *fixture = *state;
    fixture_write_kernel(fixture, 0, 0x1000000, 3);
    fixture_derive(fixture);

    assert_non_null(
        strstr(fixture_messages, "is a big-endian kernel, which the VMM does not boot"));
}

static void test_sizes_of_nonsense(void **state)
{
    struct fixture *fixture = *state;
    fixture_write_kernel(fixture, UINT64_MAX - 1, UINT64_MAX, 2);
    fixture_derive(fixture);

    assert_non_null(strstr(fixture_messages, "header with sizes of nonsense"));
}

static void test_gzip(void **state)
{
    write_bytes(*state, "\x1f\x8b\x08", 3);
    expect_error(*state, "it is compressed with gzip; unpack it: gzip -dc < FILE > Image");
}

static void test_zboot(void **state)
{
    write_bytes(*state, "MZ\0\0zimg\0\0\0\0", 12);
    expect_error(*state,
                 "it is a compressed EFI image (zboot); unpack the kernel inside it (guest/ "
                 "does so for Debian's), or build the kernel without CONFIG_EFI_ZBOOT");
}

static void test_elf(void **state)
{
    write_bytes(*state,
                "\x7f"
                "ELF\x02\x01\x01",
                7);
    expect_error(*state,
                 "it is an ELF file (vmlinux); use arch/arm64/boot/Image of the same build");
}

static void test_anything(void **state)
{
    write_bytes(*state, "hello", 5);
    expect_error(*state, "the magic number at offset 0x38 is missing");
}

static void test_missing_roles(void **state)
{
    struct fixture *fixture = *state;
    fixture->pd_maps[0].setvar_vaddr = NULL;
    fixture->pd_maps[3].setvar_prefill_size = NULL;
    fixture->regions[REGION_DTB].prefill_path = "other.dtb";
    fixture->regions[REGION_DTB].prefill_file = "other.dtb";
    fixture_derive(fixture);

    assert_string_equal(fixture_messages,
                        "Error: setvar_vaddr=\"kernel_vaddr\" needs "
                        "setvar_prefill_size=\"kernel_size\" beside it on 'map'\n"
                        "Error: the VMM is not told where the guest's RAM is: map it with "
                        "setvar_vaddr=\"guest_ram_vaddr\" on 'protection_domain'\n"
                        "Error: the guest's device tree is written to 'linux.dtb', but the region "
                        "is prefilled with 'other.dtb' on 'memory_region'\n");
}

static void test_own_vmm(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < PD_MAP_COUNT; i++) {
        fixture->pd_maps[i].setvar_vaddr = NULL;
    }
    struct guest *guest = fixture_derive(fixture);

    assert_string_equal(fixture_messages,
                        "Warning: the VMM of 'linux' uses none of the stock VMM's symbols "
                        "(kernel_vaddr, ...): where it loads the guest is its own business on "
                        "'protection_domain'\n");
    assert_int_equal(guest->config.load.kernel_span, 0);
    assert_int_equal(guest->config.ram_count, 1);
    assert_int_equal(guest->config.ram[0].vaddr, 0x40000000);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_text_offset),
        TEST(test_old_header),
        TEST(test_span_holds_the_file),
        TEST(test_no_initrd),
        TEST(test_ram_base_is_aligned),
        TEST(test_does_not_fit),
        TEST(test_big_endian),
        TEST(test_sizes_of_nonsense),
        TEST(test_gzip),
        TEST(test_zboot),
        TEST(test_elf),
        TEST(test_anything),
        TEST(test_missing_roles),
        TEST(test_own_vmm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
