/* SPDX-License-Identifier: BSD-2-Clause */
/* The doors that stay shut: forged SPSR values, PSCI calls that start code at EL2. And the order
 * of seL4_UserContext. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "kernel/trap/context.h"
#include "kernel/trap/firmware.h"

static void pd_always_runs_at_el0(void **state)
{
    (void)state;
    for (uint64_t low = 0; low < 0x400; low++) {
        assert_int_equal(thread_safe_spsr(&pds[0].thread, low), 0);
    }
    assert_int_equal(thread_safe_spsr(&pds[0].thread, ~0UL), 0xf0000000);
}

static void vcpu_never_runs_above_el1(void **state)
{
    (void)state;
    for (uint64_t low = 0; low < 0x20; low++) {
        uint64_t mode = thread_safe_spsr(&vcpus[0].thread, low) & 0x1f;

        assert_true(mode == 0 || mode == 4 || mode == 5);
        if (low == 0 || low == 4 || low == 5) {
            assert_int_equal(mode, low);
        }
    }
    /* DAIF is the guest's; single step and illegal state are not a program's to set */
    assert_int_equal(thread_safe_spsr(&vcpus[0].thread, 0x3003c5), 0x3c5);
}

static void psci_calls_that_take_a_core_are_refused(void **state)
{
    static const uint64_t refused[] = {
        0x84000001, 0xc4000001, 0x84000002, 0x84000003,         0xc4000003,
        0x8400000c, 0xc400000c, 0x8400000e, 0xffffffff84000003, 0x84010003,
    };
    static const uint64_t allowed[] = {0x84000000, 0x84000008, 0x84000009,
                                       0x8400000a, 0x80000000, 0xc2000001};

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        uint64_t words[8] = {refused[i]};

        firmware_call(words);
        assert_int_equal(words[0], (uint64_t)-3);
    }
    assert_int_equal(host.smc_count, 0);
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        uint64_t words[8] = {allowed[i]};

        firmware_call(words);
        assert_int_equal(words[0], 0);
    }
    assert_int_equal(host.smc_count, sizeof(allowed) / sizeof(allowed[0]));
}

static void context_has_sel4s_order(void **state)
{
    static const unsigned int x_word[31] = {3,  4,  5,  6,  7,  8,  9,  10, 11, 17, 18,
                                            19, 20, 21, 22, 23, 12, 13, 14, 24, 25, 26,
                                            27, 28, 29, 30, 31, 32, 33, 15, 16};
    uint64_t words[36];

    (void)state;
    for (unsigned int i = 0; i < 31; i++) {
        pds[0].thread.frame.x[i] = 100 + i;
    }
    pds[0].thread.frame.pc = 1;
    pds[0].thread.frame.sp = 2;
    pds[0].thread.tpidr_el0 = 3;
    pds[0].thread.tpidrro_el0 = 4;
    context_read(&pds[0].thread, words, 36);
    for (unsigned int i = 0; i < 31; i++) {
        assert_int_equal(words[x_word[i]], 100 + i);
    }
    assert_int_equal(words[0], 1);
    assert_int_equal(words[1], 2);
    assert_int_equal(words[34], 3);
    assert_int_equal(words[35], 4);
    words[2] = 0x3c5;
    context_write(&pds[0].thread, words, 3);
    assert_int_equal(pds[0].thread.frame.spsr, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, system_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pd_always_runs_at_el0),
        TEST(vcpu_never_runs_above_el1),
        TEST(psci_calls_that_take_a_core_are_refused),
        TEST(context_has_sel4s_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
