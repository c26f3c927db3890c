/* SPDX-License-Identifier: BSD-2-Clause */
/* The doors that stay shut: forged SPSR values, firmware calls that nobody allowed. And the order
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

/* What it may not have is refused, and not bent to something else. */
static void vcpu_never_runs_above_el1(void **state)
{
    struct thread *thread = &vcpus[0].thread;

    (void)state;
    for (uint64_t low = 0; low < 0x40; low++) {
        uint64_t words[3] = {0, 0, low & 0x1f};
        bool is_aarch32 = words[2] == 0x10;
        bool may = words[2] == 0 || words[2] == 4 || words[2] == 5 || (is_aarch32 && low < 0x20);

        host.lacks_aarch32 = low >= 0x20;
        thread->frame.spsr = 0x600003c4;
        assert_int_equal(context_may_write(thread, words, 3), may);
        assert_true(context_may_write(thread, words, 2));
        context_write(thread, words, 3);
        assert_int_equal(thread->frame.spsr, may ? words[2] : 0x600003c4);
    }
    /* DAIF is the guest's; single step and illegal state are not a program's to set */
    assert_int_equal(thread_safe_spsr(&vcpus[0].thread, 0x3003c5), 0x3c5);
}

/* What any board's firmware is asked, and what the board of these tests adds. */
static const uint32_t allowed[] = {
    0x80000000, 0x80000001, 0x84000000, 0x84000008, 0x84000009,
    0x8400000a, 0x84000012, 0xc4000012, 0xc2000001, 0x02000007,
};
static const struct image_firmware_call board_calls[] = {{.function = 0xc2000001},
                                                         {.function = 0x02000007}};

static bool is_allowed(uint32_t function)
{
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (function == allowed[i]) {
            return true;
        }
    }
    return false;
}

/* x0 of the answer; the questions about functions are about PSCI_VERSION. */
static uint64_t ask(uint64_t x0)
{
    uint64_t words[8] = {x0, 0x84000000};

    firmware_call(words);
    return words[0];
}

static void check_call(uint64_t x0)
{
    uint32_t function = (uint32_t)x0;
    unsigned int before = host.smc_count;
    uint64_t answer = ask(x0);

    if ((function & 0x80000000) != 0) {
        function &= ~0x10000U; /* the hint of fast calls */
    }
    if (is_allowed(function)) {
        assert_int_equal(answer, 0);
        assert_int_equal(host.smc_count, before + 1);
        assert_int_equal(host.smc_function, function);
    } else {
        assert_int_equal(answer, UINT64_MAX);
        assert_int_equal(host.smc_count, before);
    }
}

static int firmware_setup(void **state)
{
    firmware_init(board_calls, 2);
    return system_setup(state);
}

/* Every owner, width, kind and reserved bit, with the numbers that somebody gave a meaning. */
static void firmware_gets_what_is_listed_and_nothing_else(void **state)
{
    (void)state;
    for (uint64_t high = 0; high < 0x10000; high++) {
        for (uint64_t low = 0; low <= 0x20; low++) {
            check_call(high << 16 | low);
        }
        for (uint64_t low = 0xba5d; low <= 0xba61; low++) {
            check_call(high << 16 | low); /* PSCI 0.1 on QEMU: 0x95c1ba5e to 0x95c1ba60 */
        }
    }
}

static void firmware_ignores_what_is_above_w0(void **state)
{
    (void)state;
    for (unsigned int bit = 32; bit < 64; bit++) {
        check_call(1UL << bit | 0x84000008);
        check_call(1UL << bit | 0x84000003);
        check_call(1UL << bit | 0x95c1ba60);
    }
    check_call(0xffffffff84000008);
    check_call(0xffffffffc4000003);
}

/* One bit away from what is allowed, and anything. */
static void firmware_has_no_twins(void **state)
{
    uint64_t random = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        for (unsigned int bit = 0; bit < 32; bit++) {
            check_call(allowed[i] ^ 1UL << bit);
        }
    }
    for (unsigned int i = 0; i < 1000000; i++) {
        random = random * 6364136223846793005 + 1442695040888963407;
        check_call(random >> 8);
    }
}

static void questions_about_refused_calls_have_their_answer(void **state)
{
    static const uint32_t questions[] = {0x8400000a, 0x80000001, 0x8401000a};
    static const uint64_t refused[] = {0x84000001, 0xc4000003, 0x95c1ba60, 0x80008000,
                                       0x84010008 /* no hint there */};

    (void)state;
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        for (size_t k = 0; k < sizeof(refused) / sizeof(refused[0]); k++) {
            uint64_t words[8] = {questions[i], refused[k]};

            firmware_call(words);
            assert_int_equal(words[0], UINT64_MAX);
            assert_int_equal(words[1], refused[k]);
        }
        assert_int_equal(host.smc_count, 2 * i);
        for (unsigned int k = 0; k < 2; k++) {
            uint64_t words[8] = {questions[i], allowed[4 * k] | 0xabcd00000000};

            firmware_call(words);
            assert_int_equal(words[0], 0);
        }
    }
}

static void without_a_board_its_calls_are_refused(void **state)
{
    (void)state;
    firmware_init(NULL, 0);
    assert_int_equal(ask(0xc2000001), UINT64_MAX);
    assert_int_equal(host.smc_count, 0);
    assert_int_equal(ask(0x84000008), 0);
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

#define TEST(name)          cmocka_unit_test_setup(name, system_setup)
#define FIRMWARE_TEST(name) cmocka_unit_test_setup(name, firmware_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pd_always_runs_at_el0),
        TEST(vcpu_never_runs_above_el1),
        FIRMWARE_TEST(firmware_gets_what_is_listed_and_nothing_else),
        FIRMWARE_TEST(firmware_ignores_what_is_above_w0),
        FIRMWARE_TEST(firmware_has_no_twins),
        FIRMWARE_TEST(questions_about_refused_calls_have_their_answer),
        FIRMWARE_TEST(without_a_board_its_calls_are_refused),
        TEST(context_has_sel4s_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
