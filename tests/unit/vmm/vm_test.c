/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a machine: start, restart, power-off, and everything that keeps it from starting. */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "vmm/irq/drain.h"

#define SYSTEM_OFF   0x84000008
#define SYSTEM_RESET 0x84000009

#define STARTED "[guest] started: kernel 0x40000000, initrd 0x40010000, device tree 0x40020000\n"
#define RESTARTED \
    "[guest] restarted: kernel 0x40000000, initrd 0x40010000, device tree 0x40020000\n"

static struct vm fresh;

static int setup(void **state)
{
    (void)state;
    machine_prepare();
    return 0;
}

static void expect_booted(void)
{
    const struct fake_vcpu *vcpu = machine_vcpu();

    assert_true(vcpu->is_running);
    assert_int_equal(vcpu->context.pc, MACHINE_RAM_IPA);
    assert_int_equal(vcpu->context.x0, MACHINE_RAM_IPA + 0x20000);
    assert_int_equal(vcpu->context.x1, 0);
    assert_int_equal(vcpu->context.x30, 0);
    assert_int_equal(vcpu->context.spsr, 0x3c5);
    for (unsigned int i = 0; i < FAKE_VCPU_REGS; i++) {
        uint64_t expected = i == seL4_VCPUReg_SCTLR        ? 0x34d58820
                            : i == seL4_VCPUReg_VMPIDR_EL2 ? 0x80000000
                                                           : 0;

        assert_int_equal(vcpu->regs[i], expected);
    }
    for (unsigned int i = 0; i < FAKE_LISTS; i++) {
        assert_int_equal(vcpu->lists[i].state, FAKE_LIST_EMPTY);
    }
    assert_memory_equal(machine.ram, machine.kernel, sizeof(machine.kernel));
    assert_memory_equal(machine.ram + 0x10000, machine.initrd, sizeof(machine.initrd));
    assert_memory_equal(machine.ram + 0x20000, machine.dtb, sizeof(machine.dtb));
}

static void starts(void **state)
{
    (void)state;
    machine_create();
    expect_booted();
    assert_string_equal(fake.console, STARTED);
    assert_int_equal(fake.published_count, 3);
    assert_int_equal(fake.published_bytes, 0x8000 + sizeof(machine.initrd) + 0x1000);
    assert_int_equal(machine.ram[0x8000], 0xee);
}

static void starts_without_an_initrd(void **state)
{
    const struct vm_images images = {
        .kernel = {machine.kernel, sizeof(machine.kernel)},
        .dtb = {machine.dtb, sizeof(machine.dtb)},
    };

    (void)state;
    machine.config.load.initrd_ipa = 0;
    machine.config.load.initrd_size = 0;
    vm_create(&machine.vm, &machine.config, &images, machine.ram);
    assert_true(machine_vcpu()->is_running);
}

static void dirty_everything(void)
{
    machine_write(MACHINE_GICD, 1);
    machine_write(MACHINE_GICD + 0x100, 1u << 27);
    machine_write(MACHINE_GICD + 0x104, 1u << (MACHINE_UART_IRQ - 32));
    machine_write(MACHINE_GICD + 0x420, 0x80808080);
    machine_write(0x7000000, 1); /* an abort, reported */
    memset(&machine_vcpu()->context, 0x5a, sizeof(machine_vcpu()->context));
    memset(machine_vcpu()->regs, 0xa5, sizeof(machine_vcpu()->regs));
    memset(machine.ram, 0x77, sizeof(machine.ram));
    machine.disk[0x70 / 4] = 0xf;
}

/* What a restart leaves is what a start makes. Only the sources' acks may differ. */
static void expect_as_new(void)
{
    memcpy(&fresh, &machine.vm, sizeof(fresh));
    machine_prepare();
    machine_create();
    for (unsigned int i = 0; i < machine.vm.irqs.count; i++) {
        fresh.irqs.irqs[i].drops_the_next = false;
    }
    fresh.drain_round = 0;
    assert_memory_equal(&fresh, &machine.vm, sizeof(fresh));
}

static void restarts_as_new(void **state)
{
    (void)state;
    machine_create();
    dirty_everything();
    fake.console[0] = '\0';
    assert_true(machine_timer());
    assert_true(vm_notified(&machine.vm, MACHINE_UART_CH));
    assert_true(vm_notified(&machine.vm, MACHINE_DISK_CH)); /* disabled */
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    assert_int_equal(machine.disk[0x70 / 4], 0);
    assert_int_equal(fake.ack_count[MACHINE_DISK_CH], 0);

    machine_drain();
    expect_booted();
    assert_string_equal(fake.console, RESTARTED);
    assert_int_equal(fake.ack_count[MACHINE_UART_CH], 1);
    assert_int_equal(fake.ack_count[MACHINE_DISK_CH], 1);
    assert_true(machine_vcpu()->vppi_ack_count > 0);
    expect_as_new();
}

static void restart_out_of_an_interrupt_handler(void **state)
{
    (void)state;
    machine_create();
    dirty_everything();
    assert_true(machine_timer());
    assert_true(vm_notified(&machine.vm, MACHINE_UART_CH));
    assert_true(fake_take(MACHINE_VCPU) >= 0);
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    machine_drain();
    assert_int_equal(machine.vm.state, VM_DRAINING); /* one is active: a second round */
    machine_drain();
    expect_booted();
    assert_int_equal(fake.ack_count[MACHINE_UART_CH], 1);
    expect_as_new();
}

static void drain_that_does_not_work_is_told(void **state)
{
    (void)state;
    machine_create();
    dirty_everything();
    fake.console[0] = '\0';
    assert_true(vm_notified(&machine.vm, MACHINE_UART_CH));
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    assert_false(machine_data_abort(MACHINE_GICC, machine_access_esr(true, 4)));
    assert_int_equal(machine.vm.state, VM_DRAINING);
    assert_false(machine_data_abort(MACHINE_GICC, machine_access_esr(true, 4)));
    assert_int_equal(machine.vm.state, VM_RUNNING);
    assert_string_equal(fake.console,
                        "[guest] an interrupt of the old guest could not be ended\n" RESTARTED);
}

static void timer_that_is_late_does_not_disturb_the_drain(void **state)
{
    (void)state;
    machine_create();
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    assert_true(machine_timer());
    machine_drain();
    expect_booted();
}

static void restarts_again_and_again(void **state)
{
    (void)state;
    machine_create();
    for (unsigned int i = 0; i < 50; i++) {
        dirty_everything();
        assert_true(machine_timer());
        if (i % 2 == 0) {
            fake_take(MACHINE_VCPU);
        }
        assert_false(machine_hvc(SYSTEM_RESET, 0, 0, 0));
        while (machine.vm.state == VM_DRAINING) {
            machine_drain();
        }
        expect_booted();
    }
}

static void restart_with_two_vcpus(void **state)
{
    microkit_msginfo reply;

    (void)state;
    machine.config.vcpu_count = 2;
    machine.config.vcpus[1] = (struct vm_config_vcpu){.id = 5, .mpidr = 1};
    machine_create();
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    assert_true(fake.vcpus[5].is_running);
    machine_drain();
    assert_int_equal(machine.vm.state, VM_DRAINING);
    fake.mr[0] = 0x5e000000;
    assert_false(vm_fault(&machine.vm, 5, microkit_msginfo_new(seL4_Fault_VCPUFault, 1), &reply));
    assert_int_equal(machine.vm.state, VM_RUNNING);
    expect_booted();
    assert_false(fake.vcpus[5].is_running);
}

static void never_restarts_if_told_so(void **state)
{
    (void)state;
    machine.config.flags = VM_CONFIG_NO_RESTART;
    machine_create();
    fake.console[0] = '\0';
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    assert_false(machine_vcpu()->is_running);
    assert_int_equal(machine.vm.state, VM_STOPPED);
    assert_string_equal(fake.console, "[guest] asked for a restart, and may not: stopped\n");
}

static void restart_with_a_bad_image_stays_off(void **state)
{
    (void)state;
    machine_create();
    fake.console[0] = '\0';
    machine.kernel[56] = 'X';
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    machine_drain();
    assert_false(machine_vcpu()->is_running);
    assert_string_equal(fake.console,
                        "[guest] the kernel is not an arm64 Image\n[guest] not started\n");
}

static void powers_off_the_guest(void **state)
{
    (void)state;
    machine_create();
    fake.console[0] = '\0';
    machine.disk[0x70 / 4] = 0xf;
    assert_false(machine_smc(SYSTEM_OFF, 0, 0, 0));
    assert_false(machine_vcpu()->is_running);
    assert_int_equal(machine.disk[0x70 / 4], 0);
    assert_int_equal(fake.smc_count, 0);
    assert_string_equal(fake.console, "[guest] powered off\n");
    assert_true(vm_notified(&machine.vm, MACHINE_UART_CH)); /* does not disturb */
    assert_false(machine_vcpu()->is_running);
}

static void powers_off_the_machine(void **state)
{
    (void)state;
    machine.config.flags = VM_CONFIG_POWEROFF_MACHINE;
    machine_create();
    fake.console[0] = '\0';
    assert_false(machine_smc(SYSTEM_OFF, 0, 0, 0));
    assert_int_equal(fake.smc_count, 1);
    assert_int_equal(fake.smc.x0, SYSTEM_OFF);
    assert_string_equal(fake.console,
                        "[guest] powered off, and the machine with it\n"
                        "[guest] the firmware does not power off: 0xffffffffffffffff\n");
}

static void timer_goes_to_the_guest_and_back(void **state)
{
    (void)state;
    machine_create();
    machine_write(MACHINE_GICD, 1);
    assert_true(machine_timer()); /* disabled: not acked */
    assert_int_equal(machine_handle_irq(), -1);
    assert_int_equal(machine_vcpu()->vppi_ack_count, 0);
    machine_write(MACHINE_GICD + 0x100, 1u << 27);
    assert_int_equal(machine_handle_irq(), 27);
    assert_int_equal(machine_vcpu()->vppi_ack_count, 1);
}

static void expect_refused(const char *message)
{
    fake.console[0] = '\0';
    machine_create();
    assert_string_equal(fake.console, message);
    assert_false(machine_vcpu()->is_running);
    assert_false(vm_notified(&machine.vm, MACHINE_UART_CH) && machine_vcpu()->is_running);
}

static void bad_configurations(void **state)
{
    (void)state;
    memset(&machine.config, 0, sizeof(machine.config));
    expect_refused(
        "[vmm] there is no configuration: section .vm_config was not filled by vmconf\n");
    machine_prepare();
    machine.config.version++;
    expect_refused("[vmm] the configuration is of another version of vmconf\n");
    machine_prepare();
    machine.config.vcpu_count = 9;
    expect_refused("[vmm] the configuration is damaged\n");
    machine_prepare();
    machine.config.gic_version = 3;
    expect_refused("[vmm] only GICv2 is emulated\n");
}

static void bad_images(void **state)
{
    (void)state;
    machine.config.load.kernel_span = 0x2fff;
    expect_refused("[guest] kernel: 0x3000 bytes, but room for 0x2fff\n[guest] not started\n");
    machine_prepare();
    machine.config.load.initrd_ipa = MACHINE_RAM_IPA + MACHINE_RAM_SIZE - 0x1000;
    expect_refused("[guest] initrd: 0x400ff000 is not in the guest's RAM\n[guest] not started\n");
    machine_prepare();
    machine.config.load.dtb_ipa = MACHINE_RAM_IPA - 0x1000;
    expect_refused(
        "[guest] device tree: 0x3ffff000 is not in the guest's RAM\n[guest] not started\n");
    machine_prepare();
    memset(machine.dtb, 0, 4);
    expect_refused("[guest] the device tree is not one\n[guest] not started\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(starts, setup),
        cmocka_unit_test_setup(starts_without_an_initrd, setup),
        cmocka_unit_test_setup(restarts_as_new, setup),
        cmocka_unit_test_setup(restart_out_of_an_interrupt_handler, setup),
        cmocka_unit_test_setup(drain_that_does_not_work_is_told, setup),
        cmocka_unit_test_setup(timer_that_is_late_does_not_disturb_the_drain, setup),
        cmocka_unit_test_setup(restarts_again_and_again, setup),
        cmocka_unit_test_setup(restart_with_two_vcpus, setup),
        cmocka_unit_test_setup(never_restarts_if_told_so, setup),
        cmocka_unit_test_setup(restart_with_a_bad_image_stays_off, setup),
        cmocka_unit_test_setup(powers_off_the_guest, setup),
        cmocka_unit_test_setup(powers_off_the_machine, setup),
        cmocka_unit_test_setup(timer_goes_to_the_guest_and_back, setup),
        cmocka_unit_test_setup(bad_configurations, setup),
        cmocka_unit_test_setup(bad_images, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
