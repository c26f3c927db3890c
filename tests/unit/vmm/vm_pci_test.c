/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a machine that has PCI functions. */
#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "tests/unit/vmm/pci/rig.h"

#define SYSTEM_RESET 0x84000009
#define DISK_ECAM    (RIG_ECAM + 0x8000)

static void configure(void)
{
    rig_reset();
    machine_reset();
    machine_config.pci = rig_config.pci;
    machine_config.msi = rig_config.msi;
    for (unsigned int i = 0; i < rig_config.irq_count; i++) {
        machine_config.irqs[machine_config.irq_count] = rig_config.irqs[i];
        machine_config.irqs[machine_config.irq_count++].channel += 10;
    }
}

static uint32_t command(unsigned int function)
{
    return rig_config_space(function, PCI_COMMAND) & 0xffff;
}

static void store(uint64_t ipa, uint32_t value)
{
    machine_context()->x5 = value;
    assert_true(machine_data_abort(ipa, machine_access(true, 2, 5)));
}

static uint32_t load(uint64_t ipa)
{
    assert_true(machine_data_abort(ipa, machine_access(false, 2, 5)));
    return (uint32_t)machine_context()->x5;
}

/* Asks for a reset; the machine drains what the guest left of its interrupts. */
static void reset(void)
{
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
}

static void runs(void **state)
{
    (void)state;
    configure();
    machine_create();
    assert_int_equal(machine.state, VM_RUNNING);
    assert_int_equal(load(DISK_ECAM), 0x10011af4);
    assert_int_equal(load(DISK_ECAM + 0x8000 * 5), 0xffffffff);
    assert_int_equal(load(RIG_FRAME + 8), RIG_FIRST << 16 | RIG_VECTORS);
    machine_write_gicd(0x000, 1);
    machine_write_gicd(0x108, 1u << (RIG_FIRST - 64));
    assert_int_equal(machine_read_gicd(0xc00 + RIG_FIRST / 16 * 4) & 0x3, 0x2); /* edge */
    store(RIG_FRAME + 0x40, RIG_FIRST);
    assert_int_equal(machine_handle_irq(), RIG_FIRST);
    assert_int_equal(machine_handle_irq(), -1);
}

/* Not a bus master any more while the machine drains and its RAM is written; and then as new. */
static void quiet_before_anything_is_written(void **state)
{
    (void)state;
    configure();
    machine_create();
    store(DISK_ECAM + 4, 0x0006);
    store(DISK_ECAM + 0x8000 + 4, 0x0006);
    assert_int_equal(command(RIG_DISK), 0x0006);
    machine_ram[MACHINE_KERNEL - MACHINE_RAM + 64] = 0;
    reset();
    assert_int_equal(machine.state, VM_DRAINING);
    assert_int_equal(machine_ram[MACHINE_KERNEL - MACHINE_RAM + 0xfff], 9); /* as it was */
    assert_int_equal(command(RIG_DISK), 0x0402);
    assert_int_equal(command(RIG_NVME) & 0x0004, 0);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 1);
    fake_clock_run();
    machine_drain(0);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_int_equal(load(DISK_ECAM + 4) & 0xffff, 0);
    assert_int_equal(command(RIG_DISK), 0x0002);
    assert_int_equal(rig_config_space(RIG_NVME, PCI_BAR0), RIG_NVME_BAR0 | 4);
    assert_true(vgic_find(&machine.vgic, 0, RIG_FIRST)->edge);
}

static void not_what_was_described(void **state)
{
    (void)state;
    configure();
    fake_pci[RIG_NVME].is_there = false;
    machine_create();
    assert_int_equal(machine.state, VM_FAILED);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_string_equal(fake.console, "[linux] nvme (00:02.0): expected a function, found none\n"
                                      "[linux] not started\n");
    vm_start(&machine);
    assert_int_equal(machine.state, VM_FAILED);
    assert_int_equal(fake.published_count, 0); /* nothing was written to its RAM */
    fake_pci[RIG_NVME].is_there = true;
    vm_start(&machine);
    assert_int_equal(machine.state, VM_RUNNING);
}

static void started_by_command(void **state)
{
    (void)state;
    configure();
    machine_config.flags |= VM_CONFIG_NO_AUTOSTART;
    fake_pci[RIG_DISK].config[PCI_COMMAND / 4] |= 0x0006; /* left by firmware */
    machine_create();
    assert_int_equal(machine.state, VM_STOPPED);
    assert_int_equal(command(RIG_DISK) & 0x0004, 0);
    vm_start(&machine);
    assert_int_equal(machine.state, VM_RUNNING);
    configure();
    machine_config.flags |= VM_CONFIG_NO_AUTOSTART;
    fake_pci[RIG_DISK].is_there = false;
    machine_create();
    assert_int_equal(machine.state, VM_FAILED);
}

static void no_restart_without_a_reset(void **state)
{
    (void)state;
    configure();
    fake_pci[RIG_NVME].config[(RIG_NVME_PCIE + 4) / 4] &= ~PCIE_DEVICE_FLR;
    machine_config.pci.pieces[2].vaddr = 0;
    machine_create();
    memset(fake.console, 0, sizeof(fake.console));
    reset();
    assert_int_equal(machine.state, VM_STOPPED);
    assert_string_equal(fake.console, "[linux] nvme (00:02.0): no reset is known, so that the "
                                      "guest cannot be started again\n");
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    vm_start(&machine);
    vm_restart(&machine);
    assert_int_equal(machine.state, VM_STOPPED);
}

static void damaged_configuration(void **state)
{
    (void)state;
    configure();
    machine_config.pci.pieces[0].function = 5;
    machine_create();
    assert_string_equal(fake.console, "[vmm] the configuration is damaged\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
        cmocka_unit_test(quiet_before_anything_is_written),
        cmocka_unit_test(not_what_was_described),
        cmocka_unit_test(started_by_command),
        cmocka_unit_test(no_restart_without_a_reset),
        cmocka_unit_test(damaged_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
