/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "vmm/exit/syndrome.h"

#define PC   0xffff800008000100UL
#define VBAR 0xffff800008010000UL

#define WFX(iss) ((uint64_t)ESR_EC_WFX << 26 | ESR_IL | (iss))

static int setup(void **state)
{
    (void)state;
    machine_reset();
    machine_create();
    machine_context()->pc = PC;
    machine_system_registers()[seL4_VCPUReg_VBAR] = VBAR;
    return 0;
}

/* MRS, MSR: op0, op1, CRn, CRm, op2 as in the manual */
static uint64_t sysreg(const unsigned int name[5], unsigned int reg, bool is_read)
{
    return 0x18UL << 26 | ESR_IL | (uint64_t)name[0] << 20 | (uint64_t)name[4] << 17 |
           (uint64_t)name[1] << 14 | (uint64_t)name[2] << 10 | (uint64_t)reg << 5 |
           (uint64_t)name[3] << 1 | is_read;
}

static void wfi_waits_for_an_interrupt(void **state)
{
    struct fake_vcpu *vcpu = &fake.vcpus[MACHINE_VCPU];

    (void)state;
    machine_write_gicd(0x000, 1);
    machine_write_gicd(0x104, 2);
    machine_context()->pc = PC;
    vcpu->restart_count = 0;
    assert_false(machine_trap(WFX(0)));
    assert_int_equal(vcpu->restart_count, 0);
    assert_true(vm_notified(&machine, MACHINE_EDGE_CH)); /* not enabled */
    assert_int_equal(vcpu->restart_count, 0);
    assert_true(vm_notified(&machine, MACHINE_LEVEL_CH));
    assert_int_equal(vcpu->restart_count, 1);
    assert_int_equal(vcpu->context.pc, PC + 4);
    assert_int_equal(fake_find(MACHINE_VCPU, MACHINE_LEVEL), 0);
    /* And with one pending it does not wait at all. */
    assert_true(machine_trap(WFX(0)));
    assert_int_equal(vcpu->context.pc, PC + 8);
}

static void wfi_does_not_outlast_its_timer(void **state)
{
    (void)state;
    machine_system_registers()[seL4_VCPUReg_CNTV_CTL] = 1;
    assert_true(machine_trap(WFX(0)));
    machine_system_registers()[seL4_VCPUReg_CNTV_CTL] = 3; /* masked */
    assert_false(machine_trap(WFX(0)));
    assert_int_equal(machine_context()->pc, PC + 8);
}

static void wfe_and_timeouts_go_on(void **state)
{
    (void)state;
    assert_true(machine_trap(WFX(1)));
    assert_true(machine_trap(WFX(2)));
    assert_true(machine_trap(WFX(3)));
    assert_int_equal(machine_context()->pc, PC + 12);
}

static void assert_undefined(void)
{
    const seL4_Word *regs = machine_system_registers();

    assert_int_equal(regs[seL4_VCPUReg_ESR], ESR_IL);
    assert_int_equal(regs[seL4_VCPUReg_ELR_EL1], PC);
    assert_int_equal(machine_context()->pc, VBAR + 0x200);
    machine_context()->pc = PC;
}

static void others_are_undefined(void **state)
{
    static const unsigned int impdef[5] = {3, 1, 15, 0, 0};
    static const unsigned int past[5] = {3, 3, 9, 14, 4};
    size_t length;

    (void)state;
    assert_true(machine_trap(sysreg(impdef, 0, true)));
    assert_undefined();
    length = strlen(fake.console);
    assert_non_null(strstr(fake.console, "further ones are not reported\n"));
    assert_true(machine_trap(sysreg(past, 0, false)));
    assert_undefined();
    for (uint64_t class = 0; class < 64; class ++) {
        if (class != ESR_EC_WFX) {
            assert_true(machine_trap(class << 26 | ESR_IL | 0x3fffff));
            assert_undefined();
        }
    }
    assert_int_equal(strlen(fake.console), length);
}

/* Of HVC and SMC; nothing is done of what x0 asks. */
static void calls_with_an_immediate_are_undefined(void **state)
{
    static const uint64_t calls[] = {0x16, ESR_EC_SMC64};

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        for (uint64_t immediate = 1; immediate < 0x10000; immediate <<= 1) {
            machine_context()->x0 = 0x84000008; /* SYSTEM_OFF */
            assert_true(machine_trap(calls[i] << 26 | ESR_IL | immediate));
            assert_int_equal(machine_context()->x0, 0x84000008);
            assert_undefined();
        }
    }
    assert_int_equal(machine.state, VM_RUNNING);
}

/* Two CPUs with a GICv3. */
static void begin_gicv3(void)
{
    machine_reset();
    machine_config.gic_version = 3;
    machine_config.gicr_ipa = 0x80a0000;
    machine_config.vcpu_count = 2;
    machine_create();
    machine_context()->pc = PC;
    machine_system_registers()[seL4_VCPUReg_VBAR] = VBAR;
}

static void sgis_are_sent_by_registers(void **state)
{
    static const unsigned int sgi1r[5] = {3, 0, 12, 11, 5};
    static const unsigned int asgi1r[5] = {3, 0, 12, 11, 6};
    static const unsigned int sgi0r[5] = {3, 0, 12, 11, 7};

    (void)state;
    begin_gicv3();
    machine_context()->x7 = 5UL << 24 | 1UL << 16 | 1 << 1; /* SGI 5 to MACHINE_SECOND_ON */
    assert_true(machine_trap(sysreg(sgi1r, 7, false)));
    assert_int_equal(machine_context()->pc, PC + 4);
    assert_true(vgic_find(&machine.vgic, 1, 5)->pending);
    assert_false(vgic_find(&machine.vgic, 0, 5)->pending);
    machine_context()->x7 = 6UL << 24 | 1UL << 40; /* all others */
    assert_true(machine_trap(sysreg(asgi1r, 7, false)));
    assert_true(machine_trap(sysreg(sgi0r, 31, false))); /* from the zero register: to nobody */
    assert_true(vgic_find(&machine.vgic, 1, 6)->pending);
    assert_int_equal(machine_context()->pc, PC + 12);
    machine_context()->pc = PC;
    assert_true(machine_trap(sysreg(sgi1r, 7, true))); /* it cannot be read */
    assert_undefined();
    setup(state); /* with a GICv2 there is none */
    assert_true(machine_trap(sysreg(sgi1r, 7, false)));
    assert_undefined();
}

static void fault_that_no_vcpu_has(void **state)
{
    const seL4_Word words[4] = {0};

    (void)state;
    assert_false(vm_fault(&machine, 9, microkit_msginfo_new(seL4_Fault_VMFault, 4),
                          &(microkit_msginfo){{0}}));
    assert_true(fake.vcpus[MACHINE_VCPU].is_running);
    assert_false(machine_fault(seL4_Fault_CapFault, words, 4));
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_non_null(strstr(fake.console, "[linux] unexpected fault 1 of vCPU 3: stopped\n"));
}

static void events_with_strange_numbers(void **state)
{
    static const seL4_Word numbers[] = {0, 3, 4, 31, 32, 1020, ~0UL};

    (void)state;
    for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_true(machine_fault(seL4_Fault_VGICMaintenance, &numbers[i], 1));
        assert_true(machine_fault(seL4_Fault_VPPIEvent, &numbers[i], 1));
    }
}

static void timer_is_acked_at_its_end(void **state)
{
    const seL4_Word timer = 27;
    seL4_Word list;

    (void)state;
    assert_true(machine_fault(seL4_Fault_VPPIEvent, &timer, 1));
    assert_int_equal(fake_find(MACHINE_VCPU, 27), -1); /* the guest has it disabled */
    machine_write_gicd(0x000, 1);
    machine_write_gicd(0x100, 1u << 27);
    list = (seL4_Word)fake_take(MACHINE_VCPU);
    assert_int_equal(fake.vcpus[MACHINE_VCPU].lists[list].intid, 27);
    assert_int_equal(fake.vcpus[MACHINE_VCPU].vppi_ack_count, 0);
    fake_end(MACHINE_VCPU, (unsigned int)list);
    assert_true(machine_fault(seL4_Fault_VGICMaintenance, &list, 1));
    assert_int_equal(fake.vcpus[MACHINE_VCPU].vppi_ack_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(wfi_waits_for_an_interrupt, setup),
        cmocka_unit_test_setup(wfi_does_not_outlast_its_timer, setup),
        cmocka_unit_test_setup(wfe_and_timeouts_go_on, setup),
        cmocka_unit_test_setup(others_are_undefined, setup),
        cmocka_unit_test_setup(calls_with_an_immediate_are_undefined, setup),
        cmocka_unit_test_setup(sgis_are_sent_by_registers, setup),
        cmocka_unit_test_setup(fault_that_no_vcpu_has, setup),
        cmocka_unit_test_setup(events_with_strange_numbers, setup),
        cmocka_unit_test_setup(timer_is_acked_at_its_end, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
