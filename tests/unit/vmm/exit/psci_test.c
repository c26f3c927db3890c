/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"

#define PC     0xffff800008000100UL
#define SECOND (MACHINE_VCPU + 1)

#define NOT_SUPPORTED      (-1L)
#define INVALID_PARAMETERS (-2L)
#define ALREADY_ON         (-4L)
#define INVALID_ADDRESS    (-9L)

static int setup(void **state)
{
    (void)state;
    machine_reset();
    machine_create();
    machine_context()->pc = PC;
    return 0;
}

static int setup_two(void **state)
{
    (void)state;
    machine_reset();
    machine_config.vcpu_count = 2;
    machine_create();
    machine_context()->pc = PC;
    return 0;
}

static long call(seL4_Word x0, seL4_Word x1, seL4_Word x2, seL4_Word x3)
{
    uint64_t pc = machine_context()->pc;

    assert_true(machine_smc(x0, x1, x2, x3));
    assert_int_equal(machine_context()->pc, pc + 4);
    assert_int_equal(machine_context()->x1, x1);
    return (long)machine_context()->x0;
}

static void answers(void **state)
{
    static const struct {
        seL4_Word x0, x1, x2;
        long answer;
    } calls[] = {
        {0x80000000, 0, 0, 0x10001},    /* SMCCC_VERSION */
        {0x80000001, 0x80000000, 0, 0}, /* SMCCC_ARCH_FEATURES */
        {0x80000001, 0x80000001, 0, 0},
        {0x80000001, 0x80008000, 0, NOT_SUPPORTED},      /* workaround 1 */
        {0x84000000, 0, 0, 0x10001},                     /* PSCI_VERSION */
        {0xffffffff84000000, 0, 0, 0x10001},             /* W0 counts */
        {0xc4000000, 0, 0, NOT_SUPPORTED},               /* has no 64-bit form */
        {0xc4000003, 0, 0x40000000, ALREADY_ON},         /* CPU_ON */
        {0x84000003, 1UL << 32, 0x40000000, ALREADY_ON}, /* W1 counts */
        {0xc4000003, 1UL << 32, 0x40000000, INVALID_PARAMETERS},
        {0xc4000003, 1, 0x40000000, INVALID_PARAMETERS},
        {0xc4000004, 0, 0, 0}, /* AFFINITY_INFO */
        {0xc4000004, 0, 1, INVALID_PARAMETERS},
        {0xc4000004, 1, 0, INVALID_PARAMETERS},
        {0x84000005, 0, 0, NOT_SUPPORTED}, /* MIGRATE */
        {0x84000006, 0, 0, 2},             /* MIGRATE_INFO_TYPE */
        {0x8400000a, 0x84000008, 0, 0},    /* PSCI_FEATURES */
        {0x8400000a, 0xc4000003, 0, 0},
        {0x8400000a, 0x80000000, 0, 0},
        {0x8400000a, 0x80000001, 0, NOT_SUPPORTED},
        {0x8400000a, 0xc4000008, 0, NOT_SUPPORTED},
        {0x8400000a, 0x8400000e, 0, NOT_SUPPORTED},
        {0xc4000012, 1, 0, INVALID_PARAMETERS}, /* SYSTEM_RESET2, not warm */
        {0, 0, 0, NOT_SUPPORTED},
        {0xc6000000, 0, 0, NOT_SUPPORTED},
        {~0UL, 0, 0, NOT_SUPPORTED},
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        seL4_Word x[8] = {calls[i].x0, calls[i].x1, calls[i].x2, 0, 44, 55, 66, 77};
        uint64_t pc;

        assert_int_equal(call(calls[i].x0, calls[i].x1, calls[i].x2, 0), calls[i].answer);
        pc = machine_context()->pc;
        assert_true(machine_hvc(x));
        x[0] = (seL4_Word)calls[i].answer;
        assert_memory_equal(&machine_context()->x0, x, sizeof(x));
        assert_int_equal(machine_context()->pc, pc + 4);
    }
}

/* Standby and power-down, by SMC and HVC: the caller stays in its fault until there is something
 * for it, and has its answer then. */
static void suspend(void **state)
{
    static const seL4_Word power_states[] = {0, 0xffff, 0x03000000, 0x00010000, 0x1030000ffUL};
    struct fake_vcpu *vcpu = &fake.vcpus[MACHINE_VCPU];

    (void)state;
    machine_write_gicd(0x000, 1);
    machine_write_gicd(0x104, 1u << (MACHINE_LEVEL - 32));
    for (unsigned int i = 0; i < 10; i++) {
        seL4_Word x[8] = {0xc4000001, power_states[i / 2], 0x40000000, 3, 44, 55, 66, 77};
        unsigned int restarts = vcpu->restart_count;
        bool is_hvc = i % 2 != 0;

        memcpy(&machine_context()->x0, x, sizeof(x));
        machine_context()->pc = PC;
        assert_false(is_hvc ? machine_hvc(x) : machine_smc(x[0], x[1], x[2], x[3]));
        assert_int_equal(vcpu->restart_count, restarts);
        assert_true(vm_notified(&machine, MACHINE_LEVEL_CH));
        assert_int_equal(vcpu->restart_count, restarts + 1);
        x[0] = 0;
        assert_memory_equal(&machine_context()->x0, x, sizeof(x));
        assert_int_equal(machine_context()->pc, PC + 4);
        /* And not at all while something is pending. */
        assert_int_equal(call(0x84000001, power_states[i / 2], 0x40000000, 0), 0);
        assert_int_equal(machine_handle_irq(), MACHINE_LEVEL);
    }
}

static void suspend_with_bad_arguments(void **state)
{
    (void)state;
    for (unsigned int bit = 17; bit < 32; bit++) {
        if (bit != 24 && bit != 25) {
            assert_int_equal(call(0x84000001, 1UL << bit, 0, 0), INVALID_PARAMETERS);
            assert_int_equal(call(0xc4000001, 1UL << bit, 0, 0), INVALID_PARAMETERS);
        }
    }
    assert_int_equal(call(0xc4000001, 0x10000, 0x40000002, 0), INVALID_ADDRESS);
    assert_false(machine_smc(0xc4000001, 0, 0x40000002, 0)); /* standby has no entry point */
}

/* A timer does not run while its vCPU is stopped. */
static void suspend_does_not_outlast_its_timer(void **state)
{
    (void)state;
    machine_system_registers()[seL4_VCPUReg_CNTV_CTL] = 1;
    assert_int_equal(call(0x84000001, 0, 0, 0), 0);
}

static void second_cpu(void **state)
{
    struct fake_vcpu *second = &fake.vcpus[SECOND];

    (void)state;
    assert_false(second->is_running);
    assert_int_equal(call(0xc4000004, MACHINE_SECOND_ON, 0, 0), 1);
    assert_int_equal(call(0xc4000003, MACHINE_SECOND_ON, 0x40000002, 0), INVALID_PARAMETERS);
    assert_int_equal(call(0xc4000003, MACHINE_SECOND_ON, 0x40001000, 0x1234), 0);
    assert_true(second->is_running);
    assert_int_equal(second->context.pc, 0x40001000);
    assert_int_equal(second->context.x0, 0x1234);
    assert_int_equal(second->context.spsr, 0x3c5);
    assert_int_equal(second->regs[seL4_VCPUReg_VMPIDR_EL2], 0x80000000 | MACHINE_SECOND_ON);
    assert_int_equal(call(0xc4000004, MACHINE_SECOND_ON, 0, 0), 0);
    assert_int_equal(call(0xc4000003, MACHINE_SECOND_ON, 0x40001000, 0), ALREADY_ON);
}

static void last_cpu_may_go(void **state)
{
    (void)state;
    assert_false(machine_smc(0x84000002, 0, 0, 0));
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_int_equal(machine.vcpus[0].state, VCPU_OFF);
}

static void system_off(void **state)
{
    (void)state;
    assert_false(machine_smc(0x84000008, 0, 0, 0));
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_int_equal(fake.smc_count, 0);
    assert_non_null(strstr(fake.console, "[linux] powered off\n"));
}

static void system_off_of_the_machine(void **state)
{
    const seL4_Word x[8] = {0x84000008};

    (void)state;
    machine_config.flags = VM_CONFIG_POWEROFF_MACHINE;
    assert_false(machine_hvc(x));
    assert_int_equal(fake.smc_count, 1);
    assert_int_equal(fake.smc.x0, 0x84000008);
    assert_non_null(strstr(fake.console, "powered off, and the machine with it\n"));
    assert_non_null(strstr(fake.console, "the firmware does not power off: 0xffffffffffffffff\n"));
}

static void resets(void **state)
{
    static const seL4_Word ids[] = {0x84000009, 0x84000012, 0xc4000012};

    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(machine.state, VM_RUNNING);
        assert_false(machine_smc(ids[i], 0, 0, 0));
        assert_int_equal(machine.state, VM_DRAINING);
        machine_drain(0);
    }
    assert_int_equal(machine.state, VM_RUNNING);
}

static void reset_may_be_forbidden(void **state)
{
    (void)state;
    machine_config.flags = VM_CONFIG_NO_RESTART;
    assert_false(machine_smc(0x84000009, 0, 0, 0));
    assert_int_equal(machine.state, VM_STOPPED);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_non_null(strstr(fake.console, "[linux] asked for a restart, and may not: stopped\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(answers, setup),
        cmocka_unit_test_setup(suspend, setup),
        cmocka_unit_test_setup(suspend_with_bad_arguments, setup),
        cmocka_unit_test_setup(suspend_does_not_outlast_its_timer, setup),
        cmocka_unit_test_setup(second_cpu, setup_two),
        cmocka_unit_test_setup(last_cpu_may_go, setup_two),
        cmocka_unit_test_setup(system_off, setup),
        cmocka_unit_test_setup(system_off_of_the_machine, setup),
        cmocka_unit_test_setup(resets, setup),
        cmocka_unit_test_setup(reset_may_be_forbidden, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
