/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch32 user space at emulated devices, where its state can be written (compiled with
 * MICROKIT_HAS_VCPU_AARCH32): the distributor, as any device. */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "vmm/exit/syndrome.h"

#define PC         0x10100UL
#define A32        0x600001d0UL
#define T32        0x600001f0UL
#define SIZE_32    2
#define TYPER      0x4UL
#define IPRIORITYR 0x420UL

/* ITSTATE: 7..2 in SPSR 15..10, 1..0 in 26..25 */
#define IT(state) ((uint64_t)((state) >> 2) << 10 | (uint64_t)((state)&3) << 25)

static int setup(void **state)
{
    (void)state;
    machine_reset();
    machine_create();
    machine_context()->pc = PC;
    return 0;
}

static void loads(void **state)
{
    (void)state;
    machine_context()->spsr = A32;
    machine_context()->x14 = 0x5555555555555555;
    assert_true(machine_data_abort(MACHINE_GICD + TYPER, machine_access(false, SIZE_32, 14)));
    assert_int_equal(machine_context()->x14, 2);
    assert_int_equal(machine_context()->spsr, A32);
    assert_int_equal(machine_context()->pc, PC + 4);
    assert_int_equal(machine.report.abort_count, 0);
}

static void stores(void **state)
{
    (void)state;
    machine_context()->spsr = A32;
    machine_context()->x3 = 0x80;
    assert_true(machine_data_abort(MACHINE_GICD + IPRIORITYR, machine_access(true, SIZE_32, 3)));
    assert_int_equal(machine_context()->spsr, A32);
    assert_int_equal(machine_context()->pc, PC + 4);
    assert_int_equal(vgic_find(&machine.vgic, 0, 32)->priority, 0x80);
}

/* What is skipped of an IT block takes its state along: of four, three, two, one and no more. */
static void it_blocks(void **state)
{
    static const unsigned int states[] = {0x05, 0x0a, 0x14, 0x08, 0x00, 0x00};

    (void)state;
    for (unsigned int is_write = 0; is_write < 2; is_write++) {
        machine_context()->spsr = T32 | IT(states[0]);
        for (unsigned int i = 1; i < 6; i++) {
            uint64_t esr = machine_access(is_write != 0, SIZE_32, 3) & ~ESR_IL;

            machine_context()->pc = PC;
            assert_true(machine_data_abort(MACHINE_GICD + IPRIORITYR, esr));
            assert_int_equal(machine_context()->pc, PC + 2);
            assert_int_equal(machine_context()->spsr, T32 | IT(states[i]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(loads, setup),
        cmocka_unit_test_setup(stores, setup),
        cmocka_unit_test_setup(it_blocks, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
