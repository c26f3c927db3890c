/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "vmm/exit/syndrome.h"

#define DEVICE 0xb000000UL
#define PC     0xffff800008000100UL
#define VBAR   0xffff800008010000UL

#define SIGN_EXTEND (1UL << 21)
#define TO_64_BITS  (1UL << 15)
#define NO_SYNDROME (1UL << 24)

/* ESR_EL1 of an external abort: FnV, four-byte instruction */
#define ABORT_OF(class, is_write) \
    ((uint64_t)(class) << 26 | 1UL << 25 | 1UL << 10 | (is_write) << 6 | 0x10)

static struct mmio_access last;
static uint64_t answer;
static bool device_fails;

static bool access_device(void *context, struct mmio_access *access)
{
    assert_ptr_equal(context, &answer);
    last = *access;
    if (!access->is_write) {
        access->value = answer;
    }
    return !device_fails;
}

static int setup(void **state)
{
    static const struct mmio_ops ops = {.access = access_device};
    const struct mmio_device device = {
        .name = "device", .ipa = DEVICE, .size = 0x100, .ops = &ops, .context = &answer};

    (void)state;
    machine_reset();
    machine_create();
    assert_true(mmio_bus_add(&machine.bus, &device));
    memset(&last, 0, sizeof(last));
    device_fails = false;
    machine_context()->pc = PC;
    machine_system_registers()[seL4_VCPUReg_VBAR] = VBAR;
    return 0;
}

static uint64_t load(unsigned int log2_size, uint64_t more, uint64_t value)
{
    answer = value;
    machine_context()->x7 = 0x5555555555555555;
    assert_true(machine_data_abort(DEVICE + 8, machine_access(false, log2_size, 7) | more));
    assert_false(last.is_write);
    assert_int_equal(last.offset, 8);
    assert_int_equal(last.size, 1u << log2_size);
    return machine_context()->x7;
}

static void loads(void **state)
{
    (void)state;
    assert_int_equal(load(0, 0, 0x80), 0x80);
    assert_int_equal(load(0, SIGN_EXTEND, 0x80), 0xffffff80);
    assert_int_equal(load(0, SIGN_EXTEND | TO_64_BITS, 0x80), 0xffffffffffffff80);
    assert_int_equal(load(1, 0, 0x8001), 0x8001);
    assert_int_equal(load(1, SIGN_EXTEND, 0x8001), 0xffff8001);
    assert_int_equal(load(1, SIGN_EXTEND | TO_64_BITS, 0x7001), 0x7001);
    assert_int_equal(load(2, 0, 0x80000001), 0x80000001);
    assert_int_equal(load(2, SIGN_EXTEND | TO_64_BITS, 0x80000001), 0xffffffff80000001);
    assert_int_equal(load(3, 0, 0x8000000000000001), 0x8000000000000001);
    assert_int_equal(machine_context()->pc, PC + 9 * 4);
    assert_string_equal(strstr(fake.console, "bad") ? "bad" : "", "");
}

static void stores(void **state)
{
    static const uint64_t expected[] = {0xef, 0xcdef, 0x89abcdef, 0x0123456789abcdef};

    (void)state;
    machine_context()->x30 = 0x0123456789abcdef;
    for (unsigned int i = 0; i < 4; i++) {
        assert_true(machine_data_abort(DEVICE + 0xf8, machine_access(true, i, 30)));
        assert_true(last.is_write);
        assert_int_equal(last.value, expected[i]);
        assert_int_equal(machine_context()->pc, PC + 4 * (i + 1));
    }
    assert_int_equal(machine_context()->x30, 0x0123456789abcdef);
}

static void zero_register(void **state)
{
    seL4_UserContext before;

    (void)state;
    answer = 0xff;
    last.value = 1;
    assert_true(machine_data_abort(DEVICE, machine_access(true, 2, 31)));
    assert_int_equal(last.value, 0);
    before = *machine_context();
    assert_true(machine_data_abort(DEVICE, machine_access(false, 2, 31)));
    before.pc += 4;
    assert_memory_equal(&before, machine_context(), sizeof(before));
}

static void assert_aborted(uint64_t esr)
{
    const seL4_Word *regs = machine_system_registers();

    assert_int_equal(regs[seL4_VCPUReg_ESR], esr);
    assert_int_equal(regs[seL4_VCPUReg_ELR_EL1], PC);
    assert_int_equal(machine_context()->pc, VBAR + 0x200);
    machine_context()->pc = PC;
    machine_context()->spsr = VCPU_PSTATE_RESET;
}

static void nothing_there(void **state)
{
    (void)state;
    assert_true(machine_data_abort(0xc000000, machine_access(false, 2, 0)));
    assert_aborted(ABORT_OF(0x25, 0));
    assert_true(machine_data_abort(0xc000ffc, machine_access(true, 2, 0)));
    assert_aborted(ABORT_OF(0x25, 1));
    assert_non_null(strstr(fake.console, "[linux] bad read at 0xc000000 (pc 0xffff800008000100): "
                                         "external abort\n"));
    assert_null(strstr(fake.console, "0xc000ffc")); /* the same page */
    assert_int_equal(machine.report.abort_count, 2);
}

static void what_cannot_be_decoded(void **state)
{
    (void)state;
    assert_true(machine_data_abort(DEVICE, machine_access(true, 2, 0) & ~NO_SYNDROME));
    assert_aborted(ABORT_OF(0x25, 1));
    assert_true(machine_data_abort(DEVICE, machine_access(false, 2, 0) | 1UL << 7));
    assert_aborted(ABORT_OF(0x25, 0));
    assert_true(machine_data_abort(DEVICE + 0xfe, machine_access(false, 2, 0)));
    assert_aborted(ABORT_OF(0x25, 0));
    assert_int_equal(last.size, 0);
}

static void device_says_no(void **state)
{
    (void)state;
    device_fails = true;
    assert_true(machine_data_abort(DEVICE, machine_access(false, 2, 0)));
    assert_aborted(ABORT_OF(0x25, 0));
}

static void from_user_space(void **state)
{
    (void)state;
    machine_context()->spsr = 0;
    assert_true(machine_data_abort(0xc000000, machine_access(false, 2, 0)));
    assert_int_equal(machine_system_registers()[seL4_VCPUReg_ESR], ABORT_OF(0x24, 0));
    assert_int_equal(machine_context()->pc, VBAR + 0x400);
}

/* The contract does not let AArch32 registers be written. */
static void from_aarch32(void **state)
{
    (void)state;
    machine_context()->spsr = 0x10;
    machine_context()->x1 = 0x1234;
    assert_true(machine_data_abort(DEVICE, (machine_access(true, 1, 1) & ~ESR_IL)));
    assert_int_equal(last.value, 0x1234);
    assert_int_equal(machine_context()->pc, PC + 2);
    assert_int_equal(machine_context()->spsr, 0x10);
    last.size = 0;
    assert_true(machine_data_abort(DEVICE, machine_access(false, 1, 1)));
    assert_int_equal(last.size, 0);
    assert_int_equal(machine_context()->pc, VBAR + 0x600);
}

static void cache_maintenance_is_skipped(void **state)
{
    (void)state;
    assert_true(machine_data_abort(0xc000000, 0x24UL << 26 | ESR_IL | 1UL << 8 | 1UL << 6));
    assert_int_equal(machine_context()->pc, PC + 4);
    assert_int_equal(machine.report.abort_count, 0);
}

static void instruction_fetch(void **state)
{
    const seL4_Word words[] = {PC, 0xc000000, 1, 0x20UL << 26 | ESR_IL | 0x6};

    (void)state;
    assert_true(machine_fault(seL4_Fault_VMFault, words, 4));
    assert_aborted(ABORT_OF(0x21, 0));
    assert_non_null(strstr(fake.console, "bad instruction fetch at 0xc000000"));
    machine_context()->spsr = 0;
    assert_true(machine_fault(seL4_Fault_VMFault, words, 4));
    assert_int_equal(machine_system_registers()[seL4_VCPUReg_ESR], ABORT_OF(0x20, 0));
}

static void console_is_not_flooded(void **state)
{
    size_t length;

    (void)state;
    for (unsigned int i = 0; i < REPORT_MAX_PAGES + 1; i++) {
        machine_data_abort(0xc000000 + i * 0x1000, machine_access(false, 2, 0));
    }
    length = strlen(fake.console);
    assert_non_null(strstr(fake.console, "[linux] further bad accesses are not reported\n"));
    machine_data_abort(0xd000000, machine_access(false, 2, 0));
    assert_int_equal(strlen(fake.console), length);
    assert_int_equal(machine.report.abort_count, REPORT_MAX_PAGES + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(loads, setup),
        cmocka_unit_test_setup(stores, setup),
        cmocka_unit_test_setup(zero_register, setup),
        cmocka_unit_test_setup(nothing_there, setup),
        cmocka_unit_test_setup(what_cannot_be_decoded, setup),
        cmocka_unit_test_setup(device_says_no, setup),
        cmocka_unit_test_setup(from_user_space, setup),
        cmocka_unit_test_setup(from_aarch32, setup),
        cmocka_unit_test_setup(cache_maintenance_is_skipped, setup),
        cmocka_unit_test_setup(instruction_fetch, setup),
        cmocka_unit_test_setup(console_is_not_flooded, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
