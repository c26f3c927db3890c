/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"

#define ISENABLER(intid) (MACHINE_GICD + 0x100 + (intid) / 32 * 4)
#define ICENABLER(intid) (MACHINE_GICD + 0x180 + (intid) / 32 * 4)
#define ISPENDR(intid)   (MACHINE_GICD + 0x200 + (intid) / 32 * 4)
#define ICPENDR(intid)   (MACHINE_GICD + 0x280 + (intid) / 32 * 4)
#define BIT(intid)       (1u << (intid) % 32)

#define IRQ MACHINE_DISK_IRQ
#define CH  MACHINE_DISK_CH

static int setup(void **state)
{
    (void)state;
    machine_prepare();
    machine_create();
    machine_write(MACHINE_GICD, 1);
    return 0;
}

static void acked_at_the_guests_end(void **state)
{
    (void)state;
    machine_write(ISENABLER(IRQ), BIT(IRQ));
    assert_true(vm_notified(&machine.vm, CH));
    assert_int_equal(fake.ack_count[CH], 0);
    assert_int_equal(machine_handle_irq(), IRQ);
    assert_int_equal(fake.ack_count[CH], 1);
    assert_int_equal(machine_handle_irq(), -1);
}

static void kept_while_disabled(void **state)
{
    (void)state;
    assert_true(vm_notified(&machine.vm, CH));
    assert_int_equal(machine_handle_irq(), -1);
    assert_int_equal(fake.ack_count[CH], 0);
    assert_int_equal(machine_read(ISPENDR(IRQ)), BIT(IRQ));
    machine_write(ISENABLER(IRQ), BIT(IRQ));
    assert_int_equal(machine_handle_irq(), IRQ);
    assert_int_equal(fake.ack_count[CH], 1);
}

static void disabled_while_in_flight(void **state)
{
    (void)state;
    machine_write(ISENABLER(IRQ), BIT(IRQ));
    assert_true(vm_notified(&machine.vm, CH));
    machine_write(ICENABLER(IRQ), BIT(IRQ));
    assert_int_equal(machine_handle_irq(), IRQ);
    assert_int_equal(fake.ack_count[CH], 1);
    assert_true(vm_notified(&machine.vm, CH));
    assert_int_equal(machine_handle_irq(), -1);
    assert_int_equal(fake.ack_count[CH], 1);
}

static void raised_by_the_guest_is_not_acked(void **state)
{
    (void)state;
    machine_write(ISENABLER(IRQ), BIT(IRQ));
    machine_write(ISPENDR(IRQ), BIT(IRQ));
    assert_true(vm_notified(&machine.vm, CH)); /* meanwhile the device's own */
    assert_int_equal(machine_handle_irq(), IRQ);
    assert_int_equal(fake.ack_count[CH], 0);
    assert_int_equal(machine_handle_irq(), IRQ);
    assert_int_equal(fake.ack_count[CH], 1);
    machine_write(ISPENDR(IRQ), BIT(IRQ));
    assert_int_equal(machine_handle_irq(), IRQ);
    assert_int_equal(fake.ack_count[CH], 1);
}

static void cleared_by_the_guest_is_acked(void **state)
{
    (void)state;
    assert_true(vm_notified(&machine.vm, CH));
    machine_write(ICPENDR(IRQ), BIT(IRQ));
    assert_int_equal(fake.ack_count[CH], 1);
}

static void other_channels_are_not_ours(void **state)
{
    (void)state;
    assert_false(vm_notified(&machine.vm, 2));
    assert_false(vm_notified(&machine.vm, 63));
}

static void reset_acks_and_drops_what_was_latched(void **state)
{
    (void)state;
    assert_true(vm_notified(&machine.vm, CH));
    passthrough_irq_reset(&machine.vm.irqs);
    vgic_reset(&machine.vm.vgic);
    assert_int_equal(fake.ack_count[CH], 1);
    assert_int_equal(fake.ack_count[MACHINE_UART_CH], 0);

    /* The edge that was latched behind it; once. */
    assert_true(vm_notified(&machine.vm, CH));
    assert_int_equal(fake.ack_count[CH], 2);
    assert_false(vgic_find(&machine.vm.vgic, 0, IRQ)->pending);
    assert_true(vm_notified(&machine.vm, CH));
    assert_int_equal(fake.ack_count[CH], 2);
    assert_true(vgic_find(&machine.vm.vgic, 0, IRQ)->pending);
}

static void nothing_is_dropped_once_the_guest_runs(void **state)
{
    (void)state;
    passthrough_irq_reset(&machine.vm.irqs);
    machine_write(ISENABLER(IRQ), BIT(IRQ));
    assert_true(vm_notified(&machine.vm, CH));
    assert_int_equal(machine_handle_irq(), IRQ);
    assert_int_equal(fake.ack_count[CH], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(acked_at_the_guests_end, setup),
        cmocka_unit_test_setup(kept_while_disabled, setup),
        cmocka_unit_test_setup(disabled_while_in_flight, setup),
        cmocka_unit_test_setup(raised_by_the_guest_is_not_acked, setup),
        cmocka_unit_test_setup(cleared_by_the_guest_is_acked, setup),
        cmocka_unit_test_setup(other_channels_are_not_ours, setup),
        cmocka_unit_test_setup(reset_acks_and_drops_what_was_latched, setup),
        cmocka_unit_test_setup(nothing_is_dropped_once_the_guest_runs, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
