/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "vmm/passthrough/reset.h"

#define VIRTIO_STATUS (0x70 / 4)

#define UART_FR    (0x18 / 4)
#define UART_CR    (0x30 / 4)
#define UART_IMSC  (0x38 / 4)
#define UART_ICR   (0x44 / 4)
#define UART_DMACR (0x48 / 4)

static int setup(void **state)
{
    (void)state;
    machine_prepare();
    return 0;
}

static void virtio_status_is_cleared(void **state)
{
    (void)state;
    machine.disk[VIRTIO_STATUS] = 0xf;
    passthrough_reset_devices(&machine.config);
    assert_int_equal(machine.disk[VIRTIO_STATUS], 0);
    assert_string_equal(fake.console, "");
}

static void what_is_not_virtio_is_left_alone(void **state)
{
    (void)state;
    machine.disk[0] = 0;
    machine.disk[VIRTIO_STATUS] = 0xf;
    passthrough_reset_devices(&machine.config);
    assert_int_equal(machine.disk[VIRTIO_STATUS], 0xf);
}

static void uart_is_quiet_and_on(void **state)
{
    (void)state;
    machine.uart[UART_IMSC] = 0x7ff;
    machine.uart[UART_DMACR] = 0x7;
    machine.uart[UART_CR] = 0;
    passthrough_reset_devices(&machine.config);
    assert_int_equal(machine.uart[UART_IMSC], 0);
    assert_int_equal(machine.uart[UART_DMACR], 0);
    assert_int_equal(machine.uart[UART_CR], 0x301);
    assert_int_equal(machine.uart[UART_ICR], 0x7ff);
    assert_string_equal(fake.console, "");
}

static void hanging_device_is_reported(void **state)
{
    (void)state;
    machine.uart[UART_FR] = 0x8;
    passthrough_reset_devices(&machine.config);
    assert_string_equal(fake.console,
                        "[guest] PL011 at 0x9000000 does not come out of its reset\n");
    assert_int_equal(machine.uart[UART_CR], 0x301);
}

static void others_are_left_alone(void **state)
{
    (void)state;
    machine.disk[VIRTIO_STATUS] = 0xf;
    machine.config.devices[0].vaddr = 0;
    machine.config.devices[1].kind = VM_CONFIG_DEVICE_OTHER;
    passthrough_reset_devices(&machine.config);
    machine.config.devices[1].kind = 77;
    passthrough_reset_devices(&machine.config);
    assert_int_equal(machine.disk[VIRTIO_STATUS], 0xf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(virtio_status_is_cleared, setup),
        cmocka_unit_test_setup(what_is_not_virtio_is_left_alone, setup),
        cmocka_unit_test_setup(uart_is_quiet_and_on, setup),
        cmocka_unit_test_setup(hanging_device_is_reported, setup),
        cmocka_unit_test_setup(others_are_left_alone, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
