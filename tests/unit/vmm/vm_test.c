/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "vmm/exit/syndrome.h"
#include "vmm/irq/drain.h"

#define SYSTEM_RESET 0x84000009
#define FLASH        0x4000000UL

static uint32_t flash_memory[VM_CONFIG_FLASH_BLOCK / 4];

static int setup(void **state)
{
    (void)state;
    machine_reset();
    machine_create();
    return 0;
}

static int setup_flash(void **state)
{
    (void)state;
    machine_reset();
    machine_config.flash = (struct vm_config_flash){.ipa = FLASH, .size = sizeof(flash_memory)};
    machine_setup.flash = (struct vm_flash){.memory = flash_memory};
    machine_create();
    return 0;
}

static int setup_two(void **state)
{
    (void)state;
    machine_reset();
    machine_config.vcpu_count = 2;
    machine_create();
    return 0;
}

static void bad_configurations(void **state)
{
    static struct {
        uint32_t *field;
        uint32_t value;
        const char *message;
    } cases[] = {
        {(uint32_t *)&machine_config.magic, 0,
         "[vmm] there is no configuration: section .vm_config was not filled by vmconf\n"},
        {&machine_config.size, 2048,
         "[vmm] there is no configuration: section .vm_config was not filled by vmconf\n"},
        {&machine_config.version, 99, "[vmm] the configuration is of another version of vmconf\n"},
        {&machine_config.vcpu_count, 0, "[vmm] the configuration is damaged\n"},
        {&machine_config.vcpu_count, 9, "[vmm] the configuration is damaged\n"},
        {&machine_config.ram_count, 0, "[vmm] the configuration is damaged\n"},
        {&machine_config.irq_count, 63, "[vmm] the configuration is damaged\n"},
        {&machine_config.device_count, 65, "[vmm] the configuration is damaged\n"},
        {&machine_config.gic_version, 4, "[vmm] only GICv2 and GICv3 are emulated\n"},
        {&machine_config.gic_version, 3, "[vmm] the configuration is damaged\n"}, /* gicr_ipa */
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        machine_reset();
        *cases[i].field = cases[i].value;
        machine_create();
        assert_string_equal(fake.console, cases[i].message);
        assert_false(fake.vcpus[MACHINE_VCPU].is_running);
        /* Nothing that comes then does harm. */
        assert_false(machine_trap(0));
        assert_false(vm_notified(&machine, 1));
    }
}

static void no_memory(void **state)
{
    (void)state;
    machine_reset();
    machine_setup.ram = NULL;
    machine_create();
    assert_string_equal(fake.console, "[vmm] the description does not fill guest_ram_vaddr\n");
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
}

/* Raised by the guest itself and by the device: twice, and acked when the device's one ended. */
static void interrupts_go_to_the_guest_and_back(void **state)
{
    (void)state;
    machine_write_gicd(0x000, 1);
    machine_write_gicd(0x108, 1u << (MACHINE_EDGE - 64));
    machine_write_gicd(0x208, 1u << (MACHINE_EDGE - 64));
    assert_true(vm_notified(&machine, MACHINE_EDGE_CH));
    assert_int_equal(machine_read_gicd(0x208), 1u << (MACHINE_EDGE - 64));
    assert_int_equal(machine_handle_irq(), MACHINE_EDGE);
    assert_int_equal(fake.ack_count[MACHINE_EDGE_CH], 0);
    assert_int_equal(machine_handle_irq(), MACHINE_EDGE);
    assert_int_equal(fake.ack_count[MACHINE_EDGE_CH], 1);
    assert_int_equal(machine_handle_irq(), -1);
    assert_int_equal(machine_read_gicd(0x208), 0);
}

/* A guest in the middle of everything: interrupts pending, active, disabled, held. */
static void mess_up(void)
{
    machine_write_gicd(0x000, 1);
    machine_write_gicd(0x100, 0xffffffff);
    machine_write_gicd(0x104, 0xffffffff);
    machine_write_gicd(0x41c, 0xa0a0a0a0);
    machine_write_gicd(0x420, 0x10101010);
    assert_true(machine_timer());
    assert_true(fake_take(MACHINE_VCPU) >= 0); /* the timer's handler runs */
    assert_true(vm_notified(&machine, MACHINE_LEVEL_CH));
    assert_true(fake_take(MACHINE_VCPU) >= 0); /* interrupted by the UART's */
    assert_true(vm_notified(&machine, MACHINE_EDGE_CH));
    for (unsigned int i = 0; i < 8; i++) {
        machine_write_gicd(0xf00, 2u << 24 | i); /* more than list registers */
    }
    assert_true(machine_data_abort(0xc000000, machine_access(false, 2, 0)));
    memset(machine_system_registers(), 0x77, 24 * sizeof(seL4_Word));
}

static void restart_is_as_the_first_start(void **state)
{
    static struct vm first;
    static struct fake_vcpu vcpu;
    static uint8_t ram[MACHINE_RAM_SIZE];

    (void)state;
    first = machine;
    vcpu = fake.vcpus[MACHINE_VCPU];
    memcpy(ram, machine_ram, sizeof(ram));

    mess_up();
    memset(machine_ram, 0x33, sizeof(machine_ram));
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    machine_drain(0);
    assert_int_equal(machine.state, VM_DRAINING); /* a second round ends what was active */
    machine_drain(0);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_non_null(strstr(fake.console, "[linux] restarted: kernel 0x40010000"));

    assert_memory_equal(&fake.vcpus[MACHINE_VCPU].context, &vcpu.context, sizeof(vcpu.context));
    assert_memory_equal(fake.vcpus[MACHINE_VCPU].regs, vcpu.regs, sizeof(vcpu.regs));
    assert_memory_equal(fake.vcpus[MACHINE_VCPU].lists, vcpu.lists, sizeof(vcpu.lists));
    assert_memory_equal(machine_ram + (MACHINE_KERNEL - MACHINE_RAM),
                        ram + (MACHINE_KERNEL - MACHINE_RAM), 0x1000);
    assert_int_equal(fake.ack_count[MACHINE_LEVEL_CH], 1);
    assert_int_equal(fake.ack_count[MACHINE_EDGE_CH], 1);
    assert_true(fake.vcpus[MACHINE_VCPU].vppi_ack_count > 0);

    /* Until it runs, the first notifications are the old guest's; the rest is the same. */
    passthrough_irq_guest_runs(&machine.irqs);
    machine.drain_round = first.drain_round;
    assert_memory_equal(&machine, &first, sizeof(first));
}

static void restarts_again_and_again(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 20; i++) {
        mess_up();
        assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
        machine_drain(0);
        machine_drain(0);
        assert_int_equal(machine.state, VM_RUNNING);
    }
    assert_int_equal(fake.ack_count[MACHINE_EDGE_CH], 20);
}

/* What fires when all is over does not start anything. */
static void off_is_off(void **state)
{
    (void)state;
    mess_up();
    assert_false(machine_smc(0x84000008, 0, 0, 0));
    assert_true(vm_notified(&machine, MACHINE_LEVEL_CH));
    assert_true(vm_notified(&machine, MACHINE_EDGE_CH));
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
}

static void devices_are_reset_before_anything_is_written(void **state)
{
    (void)state;
    machine_reset();
    machine_config.device_count = 1;
    machine_config.devices[0] = (struct vm_config_device){.kind = VM_CONFIG_DEVICE_VIRTIO_MMIO,
                                                          .intid = MACHINE_EDGE,
                                                          .vaddr = (uintptr_t)machine_registers};
    machine_registers[0] = 0x74726976;
    machine_create();
    machine_registers[0x70 / 4] = 0xf;
    assert_false(machine_smc(0x84000008, 0, 0, 0));
    assert_int_equal(machine_registers[0x70 / 4], 0);
    assert_int_equal(fake.vcpus[MACHINE_VCPU].stop_count, 1);
}

/* What comes while the list registers are being emptied stays out of them. */
static void notified_while_draining(void **state)
{
    const seL4_Word smc = (seL4_Word)ESR_EC_SMC64 << 26 | ESR_IL;

    (void)state;
    mess_up();
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    fake.inject_count = 0;
    assert_true(machine_timer());
    assert_true(vm_notified(&machine, MACHINE_LEVEL_CH));
    machine_drain(0);
    assert_true(vm_notified(&machine, MACHINE_EDGE_CH));
    machine_drain(0);
    assert_int_equal(fake.inject_count, 0);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_true(machine_trap(smc)); /* an ordinary one again */
}

/* A list register that does not come free: the guest is restarted nevertheless. */
static void drain_gives_up(void **state)
{
    const seL4_Word smc = (seL4_Word)ESR_EC_SMC64 << 26 | ESR_IL;

    (void)state;
    mess_up();
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    for (unsigned int i = 0; i < DRAIN_MAX_ROUNDS; i++) {
        assert_int_equal(machine.state, VM_DRAINING);
        assert_false(machine_trap(smc));
    }
    assert_int_equal(machine.state, VM_RUNNING);
    assert_non_null(strstr(fake.console, "an interrupt of the old guest could not be ended\n"));
}

static void restart_of_two(void **state)
{
    (void)state;
    assert_true(machine_smc(0xc4000003, MACHINE_SECOND_ON, 0x40001000, 0));
    mess_up();
    machine_write_gicd(0xf00, 1u << 24 | 9); /* an SGI to the second */
    assert_true(fake_take(MACHINE_VCPU + 1) >= 0);
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    machine_drain(0);
    assert_int_equal(machine.state, VM_DRAINING);
    machine_drain(1);
    machine_drain(1);
    machine_drain(0);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_true(fake.vcpus[MACHINE_VCPU].is_running);
    assert_false(fake.vcpus[MACHINE_VCPU + 1].is_running);
}

static void write_flash(uint64_t offset, uint32_t value)
{
    machine_context()->x5 = value;
    assert_true(machine_data_abort(FLASH + offset, machine_access(true, 2, 5)));
}

/* What the guest has written is there after its restart, and what it was writing is not. */
static void flash_outlives_a_restart(void **state)
{
    (void)state;
    write_flash(0x100, 0x00400040);
    write_flash(0x100, 0x12345678);
    assert_int_equal(flash_memory[0], 0x00800080); /* its status */
    write_flash(0, 0x00e800e8);
    write_flash(0, 0x00070007);
    write_flash(0x200, 0);
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    machine_drain(0);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_int_equal(flash_memory[0], 0xffffffff);
    assert_int_equal(flash_memory[0x100 / 4], 0x12345678);
    assert_int_equal(flash_memory[0x200 / 4], 0xffffffff);
    write_flash(0, 0x00700070); /* a command again, not data */
    assert_int_equal(flash_memory[0], 0x00800080);
}

/* A store whose syndrome does not say what it stores; and a load, of what is mapped. */
static void flash_takes_plain_stores_only(void **state)
{
    const seL4_Word *esr = &machine_system_registers()[seL4_VCPUReg_ESR];

    (void)state;
    assert_true(machine_data_abort(FLASH, (0x24UL << 26) | ESR_IL | 1UL << 6 | 0xf));
    assert_non_null(strstr(fake.console, "bad write at 0x4000000"));
    assert_int_equal(*esr & 0x3f, 0x10); /* external abort */
    machine_system_registers()[seL4_VCPUReg_ESR] = 0;
    assert_true(machine_data_abort(FLASH, machine_access(false, 2, 5)));
    assert_int_equal(*esr & 0x3f, 0x10);
    assert_int_equal(flash_memory[0], 0xffffffff);
}

static void flash_without_memory(void **state)
{
    (void)state;
    machine_reset();
    machine_config.flash = (struct vm_config_flash){.ipa = FLASH, .size = sizeof(flash_memory)};
    machine_create();
    assert_int_equal(machine.state, VM_FAILED);
    machine_reset();
    machine_config.flash.size = VM_CONFIG_FLASH_MAX + 1;
    machine_setup.flash = (struct vm_flash){.memory = flash_memory};
    machine_create();
    assert_string_equal(fake.console, "[vmm] the configuration is damaged\n");
}

static void reload_fails(void **state)
{
    (void)state;
    machine.images.kernel.size = 10;
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    machine_drain(0);
    assert_int_equal(machine.state, VM_FAILED);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_non_null(strstr(fake.console, "the kernel is not an arm64 Image\n[linux] not started"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_configurations),
        cmocka_unit_test(no_memory),
        cmocka_unit_test_setup(interrupts_go_to_the_guest_and_back, setup),
        cmocka_unit_test_setup(restart_is_as_the_first_start, setup),
        cmocka_unit_test_setup(restarts_again_and_again, setup),
        cmocka_unit_test_setup(off_is_off, setup),
        cmocka_unit_test_setup(devices_are_reset_before_anything_is_written, setup),
        cmocka_unit_test_setup(notified_while_draining, setup),
        cmocka_unit_test_setup(drain_gives_up, setup),
        cmocka_unit_test_setup(restart_of_two, setup_two),
        cmocka_unit_test_setup(flash_outlives_a_restart, setup_flash),
        cmocka_unit_test_setup(flash_takes_plain_stores_only, setup_flash),
        cmocka_unit_test(flash_without_memory),
        cmocka_unit_test_setup(reload_fails, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
