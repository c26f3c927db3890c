/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/guest/vcpu.h"

static struct vcpu vcpu = {.id = 5, .mpidr = 0x102};
static struct fake_vcpu *const machine = &fake.vcpus[5];

static int setup(void **state)
{
    (void)state;
    fake_reset();
    vcpu.state = VCPU_OFF;
    return 0;
}

static void registers_by_number(void **state)
{
    seL4_UserContext context = {0};

    (void)state;
    for (unsigned int i = 0; i < 31; i++) {
        *vcpu_context_register(&context, i) = 100 + i;
    }
    assert_int_equal(context.x0, 100);
    assert_int_equal(context.x8, 108);
    assert_int_equal(context.x9, 109);
    assert_int_equal(context.x15, 115);
    assert_int_equal(context.x16, 116);
    assert_int_equal(context.x18, 118);
    assert_int_equal(context.x19, 119);
    assert_int_equal(context.x28, 128);
    assert_int_equal(context.x29, 129);
    assert_int_equal(context.x30, 130);
    for (unsigned int i = 0; i < 31; i++) {
        assert_int_equal(*vcpu_context_register(&context, i), 100 + i);
    }
    assert_int_equal(context.pc | context.sp | context.spsr, 0);
    assert_int_equal(context.tpidr_el0 | context.tpidrro_el0, 0);
    assert_null(vcpu_context_register(&context, 31));
}

/* Whatever a guest left behind. */
static void starts_as_after_a_reset(void **state)
{
    seL4_UserContext expected = {.pc = 0x40080000, .spsr = 0x3c5, .x0 = 0x48000000};

    (void)state;
    memset(&machine->context, 0xff, sizeof(machine->context));
    memset(machine->regs, 0xff, sizeof(machine->regs));
    vcpu_start(&vcpu, 0x40080000, 0x48000000);
    assert_memory_equal(&machine->context, &expected, sizeof(expected));
    for (unsigned int i = 0; i < FAKE_VCPU_REGS; i++) {
        if (i != seL4_VCPUReg_SCTLR && i != seL4_VCPUReg_VMPIDR_EL2) {
            assert_int_equal(machine->regs[i], 0);
        }
    }
    assert_int_equal(machine->regs[seL4_VCPUReg_SCTLR], 0x34d58820);
    assert_int_equal(machine->regs[seL4_VCPUReg_VMPIDR_EL2], 0x80000102);
    assert_true(machine->is_running);
    assert_int_equal(vcpu.state, VCPU_ON);
    assert_int_equal(machine->restart_count, 1);
}

static void stops(void **state)
{
    (void)state;
    vcpu_start(&vcpu, 0x40080000, 0);
    vcpu_stop(&vcpu);
    assert_false(machine->is_running);
    assert_int_equal(vcpu.state, VCPU_OFF);
}

static void waits_where_it_is(void **state)
{
    (void)state;
    vcpu_start(&vcpu, 0x40080000, 0x1234);
    vcpu_advance_pc(&vcpu, 4);
    vcpu_wait(&vcpu);
    assert_int_equal(vcpu.state, VCPU_WAITING);
    vcpu_wake(&vcpu);
    assert_int_equal(vcpu.state, VCPU_ON);
    assert_int_equal(machine->context.pc, 0x40080004);
    assert_int_equal(machine->context.x0, 0x1234);
    assert_int_equal(machine->restart_count, 2);
}

static void timer(void **state)
{
    static const bool armed[8] = {false, true, false, false, false, true, false, false};

    (void)state;
    for (unsigned int i = 0; i < 8; i++) {
        machine->regs[seL4_VCPUReg_CNTV_CTL] = i;
        assert_int_equal(vcpu_timer_is_armed(&vcpu), armed[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(registers_by_number, setup),
        cmocka_unit_test_setup(starts_as_after_a_reset, setup),
        cmocka_unit_test_setup(stops, setup),
        cmocka_unit_test_setup(waits_where_it_is, setup),
        cmocka_unit_test_setup(timer, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
