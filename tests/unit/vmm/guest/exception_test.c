/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/guest/exception.h"

#define PC   0x1234000UL
#define VBAR 0xffff800008010000UL

#define PAN  (1UL << 22)
#define UAO  (1UL << 23)
#define SS   (1UL << 21)
#define NZCV (0xfUL << 28)
#define SPAN (1UL << 23) /* of SCTLR_EL1 */

static const struct vcpu vcpu = {.id = 7};
static struct fake_vcpu *const machine = &fake.vcpus[7];

static int setup(void **state)
{
    (void)state;
    fake_reset();
    machine->context.pc = PC;
    machine->context.sp = 0x55;
    machine->context.x0 = 0x66;
    machine->regs[seL4_VCPUReg_VBAR] = VBAR;
    machine->regs[seL4_VCPUReg_SCTLR] = SPAN;
    return 0;
}

static void by_mode(void **state)
{
    static const struct {
        seL4_Word pstate;
        unsigned int offset;
        unsigned int class;
    } modes[] = {
        {0x0, 0x400, 0x24},  /* EL0t */
        {0x4, 0x000, 0x25},  /* EL1t */
        {0x5, 0x200, 0x25},  /* EL1h */
        {0x10, 0x600, 0x24}, /* User, A32 */
        {0x30, 0x600, 0x24}, /* User, T32 */
    };

    for (unsigned int i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        setup(state);
        machine->context.spsr = modes[i].pstate | NZCV;
        exception_inject_data_abort(&vcpu, false);
        assert_int_equal(machine->context.pc, VBAR + modes[i].offset);
        assert_int_equal(machine->context.spsr, 0x3c5 | NZCV);
        assert_int_equal(machine->context.sp, 0x55);
        assert_int_equal(machine->context.x0, 0x66);
        assert_int_equal(machine->regs[seL4_VCPUReg_SPSR_EL1], modes[i].pstate | NZCV);
        assert_int_equal(machine->regs[seL4_VCPUReg_ELR_EL1], PC);
        assert_int_equal(machine->regs[seL4_VCPUReg_ESR],
                         (uint64_t)modes[i].class << 26 | 0x2000410);
    }
}

static void syndromes(void **state)
{
    (void)state;
    machine->context.spsr = 0x5;
    exception_inject_data_abort(&vcpu, true);
    assert_int_equal(machine->regs[seL4_VCPUReg_ESR], 0x25UL << 26 | 0x2000450);
    exception_inject_instruction_abort(&vcpu);
    assert_int_equal(machine->regs[seL4_VCPUReg_ESR], 0x21UL << 26 | 0x2000410);
    exception_inject_undefined(&vcpu);
    assert_int_equal(machine->regs[seL4_VCPUReg_ESR], 0x2000000);
    machine->context.spsr = 0;
    exception_inject_instruction_abort(&vcpu);
    assert_int_equal(machine->regs[seL4_VCPUReg_ESR], 0x20UL << 26 | 0x2000410);
    machine->context.spsr = 0;
    exception_inject_undefined(&vcpu);
    assert_int_equal(machine->regs[seL4_VCPUReg_ESR], 0x2000000);
}

static seL4_Word pstate_after(seL4_Word pstate, seL4_Word sctlr)
{
    machine->context.spsr = pstate;
    machine->regs[seL4_VCPUReg_SCTLR] = sctlr;
    exception_inject_undefined(&vcpu);
    return machine->context.spsr;
}

static void pstate_at_the_vector(void **state)
{
    (void)state;
    assert_int_equal(pstate_after(0x5, SPAN), 0x3c5);
    assert_int_equal(pstate_after(0x5 | PAN, SPAN), 0x3c5 | PAN);
    assert_int_equal(pstate_after(0x5, 0), 0x3c5 | PAN);
    assert_int_equal(pstate_after(0x5 | SS | UAO, SPAN), 0x3c5);
    /* A T32 instruction's IT bits are not EL1's. */
    assert_int_equal(pstate_after(0x30 | 0x0600fc00, SPAN), 0x3c5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(by_mode, setup),
        cmocka_unit_test_setup(syndromes, setup),
        cmocka_unit_test_setup(pstate_at_the_vector, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
