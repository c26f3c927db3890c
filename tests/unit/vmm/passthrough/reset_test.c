/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/passthrough/reset.h"

/* Registers are memory here: what was written is what is read. */
static uint32_t registers[1024];
static struct vm_config config;

static void one_device(enum vm_config_device_kind kind, uint64_t vaddr)
{
    memset(registers, 0, sizeof(registers));
    fake_reset();
    config = (struct vm_config){
        .name = "linux",
        .device_count = 1,
        .devices = {{.kind = kind, .ipa = 0xa003e00, .size = 0x200, .vaddr = vaddr}}};
}

static void virtio(void **state)
{
    (void)state;
    one_device(VM_CONFIG_DEVICE_VIRTIO_MMIO, (uintptr_t)registers);
    registers[0x000 / 4] = 0x74726976;
    registers[0x070 / 4] = 0xf;
    passthrough_reset_devices(&config);
    assert_int_equal(registers[0x070 / 4], 0);
    assert_string_equal(fake.console, "");
}

static void no_virtio_there(void **state)
{
    (void)state;
    one_device(VM_CONFIG_DEVICE_VIRTIO_MMIO, (uintptr_t)registers);
    registers[0x070 / 4] = 0xf;
    passthrough_reset_devices(&config);
    assert_int_equal(registers[0x070 / 4], 0xf);
}

static void pl011(void **state)
{
    (void)state;
    one_device(VM_CONFIG_DEVICE_PL011, (uintptr_t)registers);
    registers[0x030 / 4] = 0x381;
    registers[0x038 / 4] = 0x50;
    registers[0x048 / 4] = 3;
    registers[0x024 / 4] = 13; /* IBRD */
    registers[0x02c / 4] = 0x70;
    passthrough_reset_devices(&config);
    assert_int_equal(registers[0x030 / 4], 0x301);
    assert_int_equal(registers[0x038 / 4], 0);
    assert_int_equal(registers[0x044 / 4], 0x7ff);
    assert_int_equal(registers[0x048 / 4], 0);
    assert_int_equal(registers[0x024 / 4], 13);
    assert_int_equal(registers[0x02c / 4], 0x70);
    assert_string_equal(fake.console, "");
}

/* 'Q' of the query is there, of chips of any width; what is written goes to the last word alone. */
static void flash(void **state)
{
    (void)state;
    for (unsigned int width = 1; width <= 4; width *= 2) {
        one_device(VM_CONFIG_DEVICE_FLASH, (uintptr_t)registers);
        registers[16 * width / 4] = 0x51;
        passthrough_reset_devices(&config);
        assert_int_equal(registers[0x200 / 4 - 1], 0x00ff00ff);
        registers[0x200 / 4 - 1] = 0;
        registers[16 * width / 4] = 0;
        for (unsigned int i = 0; i < 1024; i++) {
            assert_int_equal(registers[i], 0);
        }
        assert_string_equal(fake.console, "");
    }
}

static void flash_that_takes_no_command_is_reported(void **state)
{
    (void)state;
    one_device(VM_CONFIG_DEVICE_FLASH, (uintptr_t)registers);
    passthrough_reset_devices(&config);
    assert_string_equal(fake.console,
                        "[linux] flash at 0xa003e00 does not come out of its reset\n");
}

static void stuck_is_reported(void **state)
{
    (void)state;
    one_device(VM_CONFIG_DEVICE_PL011, (uintptr_t)registers);
    registers[0x018 / 4] = 1u << 3; /* FR.BUSY */
    passthrough_reset_devices(&config);
    assert_string_equal(fake.console,
                        "[linux] PL011 at 0xa003e00 does not come out of its reset\n");
    assert_int_equal(registers[0x044 / 4], 0x7ff);
}

static void others_are_left_alone(void **state)
{
    static uint32_t before[1024];

    (void)state;
    one_device(VM_CONFIG_DEVICE_OTHER, (uintptr_t)registers);
    memset(registers, 0x5a, sizeof(registers));
    memcpy(before, registers, sizeof(before));
    passthrough_reset_devices(&config);
    config.devices[0].kind = 77;
    passthrough_reset_devices(&config);
    config.devices[0].kind = VM_CONFIG_DEVICE_PL011;
    config.devices[0].vaddr = 0; /* not mapped here */
    passthrough_reset_devices(&config);
    assert_memory_equal(before, registers, sizeof(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(virtio),
        cmocka_unit_test(no_virtio_there),
        cmocka_unit_test(pl011),
        cmocka_unit_test(flash),
        cmocka_unit_test(flash_that_takes_no_command_is_reported),
        cmocka_unit_test(stuck_is_reported),
        cmocka_unit_test(others_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
