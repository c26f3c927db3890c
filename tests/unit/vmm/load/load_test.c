/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "vmm/load/load.h"

static int setup(void **state)
{
    (void)state;
    machine_reset();
    return 0;
}

static uint8_t *ram_at(uint64_t ipa)
{
    return &machine_ram[ipa - MACHINE_RAM];
}

static void images_go_where_the_configuration_says(void **state)
{
    const struct vm_images *images = &machine_setup.images;

    (void)state;
    memset(machine_ram, 0xee, sizeof(machine_ram));
    machine_create();
    assert_memory_equal(ram_at(MACHINE_KERNEL), images->kernel.data, images->kernel.size);
    assert_memory_equal(ram_at(MACHINE_INITRD), images->initrd.data, images->initrd.size);
    assert_memory_equal(ram_at(MACHINE_DTB), images->dtb.data, images->dtb.size);
    assert_int_equal(*ram_at(MACHINE_KERNEL - 1), 0xee);
    assert_int_equal(*ram_at(MACHINE_KERNEL + images->kernel.size), 0xee);
    assert_int_equal(*ram_at(MACHINE_INITRD + images->initrd.size), 0xee);
    assert_int_equal(fake.published_count, 1);
    assert_int_equal(fake.published_bytes, 0x2000); /* rooms, not files */
    assert_int_equal(fake.cleaned_count, 2);
    assert_int_equal(fake.cleaned_bytes, 100 + 0x1000);
    assert_true(fake.vcpus[MACHINE_VCPU].is_running);
    assert_int_equal(machine_context()->pc, MACHINE_KERNEL);
    assert_int_equal(machine_context()->x0, MACHINE_DTB);
    assert_string_equal(fake.console, "[linux] started: kernel 0x40010000, initrd 0x40080000, "
                                      "device tree 0x400f0000\n");
}

static void no_initrd(void **state)
{
    (void)state;
    machine_setup.images.initrd = (struct vm_image){0};
    machine_config.load.initrd_ipa = 0;
    machine_config.load.initrd_size = 0;
    machine_create();
    assert_true(fake.vcpus[MACHINE_VCPU].is_running);
    assert_int_equal(fake.published_count, 1);
    assert_int_equal(fake.cleaned_count, 1);
}

#define FIRMWARE      0x200000UL
#define FIRMWARE_SIZE 0x1800

static uint8_t firmware[FIRMWARE_SIZE];

static void start_firmware(void)
{
    machine_setup.images.kernel = (struct vm_image){0};
    machine_setup.images.initrd = (struct vm_image){0};
    machine_setup.images.firmware = (struct vm_image){firmware, FIRMWARE_SIZE};
    machine_config.load =
        (struct vm_config_load){.dtb_ipa = MACHINE_RAM, .dtb_size = machine_config.load.dtb_size};
    machine_config.firmware = (struct vm_config_firmware){FIRMWARE, FIRMWARE_SIZE};
    machine_create();
}

/* It is not copied. */
static void firmware_starts_in_the_place_of_a_kernel(void **state)
{
    (void)state;
    start_firmware();
    assert_int_equal(machine_context()->pc, FIRMWARE);
    assert_int_equal(machine_context()->x0, MACHINE_RAM);
    assert_memory_equal(ram_at(MACHINE_RAM), machine_setup.images.dtb.data,
                        machine_setup.images.dtb.size);
    assert_int_equal(fake.published_count, 1);
    assert_int_equal(fake.published_bytes, FIRMWARE_SIZE);
    assert_int_equal(fake.cleaned_count, 1);
    assert_int_equal(fake.cleaned_bytes, machine_config.load.dtb_size);
    assert_string_equal(fake.console,
                        "[linux] started: firmware 0x200000, device tree 0x40000000\n");
}

/* Writes that the guest makes to it are ignored, whatever their size; what is behind it, or is
 * read, is not there. */
static void firmware_is_a_rom(void **state)
{
    (void)state;
    start_firmware();
    for (unsigned int log2_size = 0; log2_size <= 3; log2_size++) {
        machine_context()->pc = 0x1000;
        assert_true(machine_data_abort(FIRMWARE + FIRMWARE_SIZE - (1UL << log2_size),
                                       machine_access(true, log2_size, 7)));
        assert_int_equal(machine_context()->pc, 0x1004);
    }
    machine_context()->pc = 0x1000;
    assert_true(machine_data_abort(FIRMWARE, machine_access(false, 2, 7)));
    assert_int_not_equal(machine_context()->pc, 0x1004);
    machine_context()->pc = 0x1000;
    assert_true(machine_data_abort(FIRMWARE + FIRMWARE_SIZE, machine_access(true, 2, 7)));
    assert_int_not_equal(machine_context()->pc, 0x1004);
    assert_int_equal(firmware[0], 0);
}

/* What ends the interrupts of the one before runs in RAM, which firmware is not in. */
static void firmware_restarts(void **state)
{
    (void)state;
    start_firmware();
    vm_restart(&machine);
    assert_int_equal(machine.state, VM_DRAINING);
    machine_drain(0);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_int_equal(machine_context()->pc, FIRMWARE);
    assert_memory_equal(ram_at(MACHINE_RAM), machine_setup.images.dtb.data,
                        machine_setup.images.dtb.size);
    assert_int_equal(firmware[0], 0);
}

static void firmware_over_another_device(void **state)
{
    (void)state;
    machine_config.gicd_ipa = FIRMWARE;
    start_firmware();
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_string_equal(fake.console,
                        "[linux] emulated devices overlap, or an interrupt of theirs cannot be\n");
    vm_start(&machine);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_int_equal(machine.state, VM_FAILED);
}

static void assert_refused(const char *message)
{
    char expected[200];
    static const uint8_t empty[MACHINE_RAM_SIZE];

    machine_create();
    (void)snprintf(expected, sizeof(expected), "[linux] %s\n[linux] not started\n", message);
    assert_string_equal(fake.console, expected);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_memory_equal(machine_ram, empty, sizeof(empty));
    machine_reset();
}

static void what_is_no_guest_is_refused(void **state)
{
    static const uint8_t zeros[0x1000];

    (void)state;
    machine_setup.images.kernel.data = zeros;
    assert_refused("the kernel is not an arm64 Image");
    machine_setup.images.kernel.size = 63;
    assert_refused("the kernel is not an arm64 Image");
    machine_setup.images.kernel = (struct vm_image){0};
    assert_refused("the kernel is not an arm64 Image");
    machine_setup.images.dtb.data = zeros;
    assert_refused("the device tree is not one");
    machine_setup.images.dtb = (struct vm_image){0};
    assert_refused("the device tree is not one");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    machine_config.load.kernel_span = 0xfff;
    assert_refused("kernel: 0x1000 bytes, but room for 0xfff");
    machine_config.load.initrd_size = 0;
    assert_refused("initrd: 0x64 bytes, but room for 0x0");
    machine_config.load.initrd_ipa = MACHINE_RAM + MACHINE_RAM_SIZE - 99;
    assert_refused("initrd: 0x400fff9d is not in the guest's RAM");
    machine_config.load.dtb_ipa = MACHINE_RAM - 1;
    assert_refused("device tree: 0x3fffffff is not in the guest's RAM");
    machine_config.load.dtb_ipa = ~0UL;
    assert_refused("device tree: 0xffffffffffffffff is not in the guest's RAM");
    machine_config.load.dtb_size = ~0UL;
    assert_refused("device tree: 0x400f0000 is not in the guest's RAM");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(images_go_where_the_configuration_says, setup),
        cmocka_unit_test_setup(no_initrd, setup),
        cmocka_unit_test_setup(firmware_starts_in_the_place_of_a_kernel, setup),
        cmocka_unit_test_setup(firmware_is_a_rom, setup),
        cmocka_unit_test_setup(firmware_restarts, setup),
        cmocka_unit_test_setup(firmware_over_another_device, setup),
        cmocka_unit_test_setup(what_is_no_guest_is_refused, setup),
        cmocka_unit_test_setup(what_does_not_fit_is_refused, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
