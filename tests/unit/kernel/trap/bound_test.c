/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever number of a program's becomes an index is bounded by arithmetic first (arch_bound). */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/syscall.h"
#include "kernel/trap/trap.h"

#define PARENT (&pds[1]) /* of a child, 3, and of a vCPU, 7 */

static struct image_channel channels[ABI_MAX_CHANNELS];

static int setup(void **state)
{
    system_setup(state);
    PARENT->channels = channels;
    return 0;
}

static void capabilities(void **state)
{
    (void)state;
    assert_ptr_equal(cap_vcpu(PARENT, ABI_CAP_VCPU + 7), &vcpus[0]);
    assert_int_equal(host.bounds, 1);
    assert_ptr_equal(cap_thread(PARENT, ABI_CAP_CHILD_TCB + 3), &pds[0].thread);
    assert_int_equal(host.bounds, 2);
    assert_ptr_equal(cap_channel(PARENT, 61, 0, channels[61].kind), &channels[61]);
    assert_int_equal(host.bounds, 3);
    assert_null(cap_channel(PARENT, ABI_MAX_CHANNELS, 0, channels[0].kind));
    assert_null(cap_vcpu(PARENT, ABI_CAP_VCPU + ABI_MAX_CHANNELS));
    assert_null(cap_thread(PARENT, ABI_CAP_CHILD_TCB + ABI_MAX_CHANNELS));
}

/* One for the call's number, one for the capability, and one for the index in what it names. */
static void system_calls(void **state)
{
    static const uint64_t calls[][6] = {
        {ABI_SYS_VCPU_INJECT_IRQ, ABI_CAP_VCPU + 7, 40, 0, 0, 3},
        {ABI_SYS_VCPU_IRQ_STATE, ABI_CAP_VCPU + 7, 40},
        {ABI_SYS_VCPU_WITHDRAW_IRQ, ABI_CAP_VCPU + 7, 3},
        {ABI_SYS_VCPU_READ_REG, ABI_CAP_VCPU + 7, ABI_VCPU_TCR},
        {ABI_SYS_VCPU_WRITE_REG, ABI_CAP_VCPU + 7, ABI_VCPU_TCR, 1},
    };
    uint64_t *x = PARENT->thread.frame.x;

    (void)state;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        host.bounds = 0;
        x[7] = calls[i][0];
        for (unsigned int argument = 0; argument < 5; argument++) {
            x[argument] = calls[i][argument + 1];
        }
        syscall_handle(PARENT);
        assert_int_equal(x[0], ABI_OK);
        assert_int_equal(host.bounds, 3);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(capabilities), TEST(system_calls)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
