/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of ARM DEN 0098, by SMC and HVC: what is random and what is not. */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"

#define PC 0xffff800008000100UL

#define VERSION  0x84000050
#define FEATURES 0x84000051
#define GET_UUID 0x84000052
#define RND32    0x84000053
#define RND64    0xc4000053

#define NOT_SUPPORTED      (-1L)
#define INVALID_PARAMETERS (-2L)

static int setup(void **state)
{
    (void)state;
    machine_reset();
    machine_create();
    machine_context()->pc = PC;
    return 0;
}

static long call(bool is_hvc, seL4_Word x0, seL4_Word x1)
{
    const seL4_Word x[8] = {x0, x1, 22, 33, 44, 55, 66, 77};
    uint64_t pc = machine_context()->pc;

    memcpy(&machine_context()->x0, x, sizeof(x));
    assert_true(is_hvc ? machine_hvc(x) : machine_smc(x0, x1, 22, 33));
    assert_int_equal(machine_context()->pc, pc + 4);
    assert_int_equal(machine_context()->x4, 44);
    assert_int_equal(machine_context()->x7, 77);
    return (long)machine_context()->x0;
}

static void answers(void **state)
{
    static const struct {
        seL4_Word x0, x1;
        long answer;
    } calls[] = {
        {VERSION, 0, 0x10000},
        {0xc4000050, 0, NOT_SUPPORTED},
        {FEATURES, VERSION, 0},
        {FEATURES, FEATURES, 0},
        {FEATURES, GET_UUID, 0},
        {FEATURES, RND32, 0},
        {FEATURES, RND64, 0},
        {FEATURES, 0xc4000050, NOT_SUPPORTED},
        {FEATURES, 0x84000054, NOT_SUPPORTED},
        {FEATURES, 0x84000000, NOT_SUPPORTED}, /* PSCI's */
        {FEATURES, 0x80000000, NOT_SUPPORTED},
        {FEATURES, 0, NOT_SUPPORTED},
        {FEATURES, ~0UL, NOT_SUPPORTED},
        {0xc4000051, VERSION, NOT_SUPPORTED},
        {0xc4000052, 0, NOT_SUPPORTED},
        {0x84000054, 0, NOT_SUPPORTED},
    };

    (void)state;
    for (unsigned int i = 0; i < 2 * sizeof(calls) / sizeof(calls[0]); i++) {
        assert_int_equal(call(i % 2 != 0, calls[i / 2].x0, calls[i / 2].x1), calls[i / 2].answer);
        assert_int_equal(machine_context()->x2, 22);
        assert_int_equal(machine_context()->x3, 33);
    }
}

/* Four words, none of which could be an error. */
static void uuid(void **state)
{
    seL4_UserContext first;

    (void)state;
    assert_int_not_equal(call(false, GET_UUID, 0), 0xffffffff);
    first = *machine_context();
    assert_true((first.x0 | first.x1 | first.x2 | first.x3) >> 32 == 0);
    assert_true(first.x1 != first.x2 && first.x2 != first.x3);
    assert_int_equal(call(true, GET_UUID, 0), first.x0);
    assert_memory_equal(&machine_context()->x1, &first.x1, 3 * sizeof(seL4_Word));
}

static seL4_Word low(seL4_Word word, unsigned int bits)
{
    return bits >= 64 ? word : word & ((1UL << bits) - 1);
}

/* What comes next of the fake's draws. Where fewer words are left than are asked for, a new draw.
 */
static unsigned int draws;
static unsigned int words_left;

static seL4_Word next_word(void)
{
    return FAKE_RANDOM(draws, 4 - words_left--);
}

static void expect_words(unsigned int count)
{
    if (words_left < count) {
        draws++;
        words_left = 4;
    }
}

/* Every number of bits: those, and no more, the lowest in x3; and each call has other ones. */
static void numbers(void **state)
{
    (void)state;
    (void)call(false, VERSION, 0);
    draws = fake.random_count;
    words_left = 4;
    for (unsigned int i = 0; i < 2 * 192; i++) {
        unsigned int width = i % 2 != 0 ? 64 : 32;
        unsigned int bits = i / 2 + 1;
        long answer = call(i % 3 == 0, width == 64 ? RND64 : RND32, bits);
        seL4_Word found[3] = {machine_context()->x3, machine_context()->x2, machine_context()->x1};

        assert_int_equal(answer, bits <= 3 * width ? 0 : INVALID_PARAMETERS);
        expect_words(answer == 0 ? (bits + width - 1) / width : 1);
        assert_int_equal(fake.random_count, draws);
        for (unsigned int k = 0; k < 3; k++) {
            unsigned int here = answer != 0 || bits <= k * width ? 0 : bits - k * width;

            here = here < width ? here : width;
            assert_int_equal(found[k], here == 0 ? 0 : low(next_word(), here));
        }
    }
}

/* As Linux asks, 192 bits and then 64: a draw has both, and nothing of it is kept. */
static void one_draw_for_both(void **state)
{
    static const struct random_pool empty;

    (void)state;
    draws = fake.random_count;
    for (unsigned int i = 0; i < 8; i++) {
        assert_int_equal(call(false, RND64, i % 2 == 0 ? 192 : 64), 0);
        assert_int_equal(fake.random_count, draws + i / 2 + 1);
        assert_true(i % 2 == 0 || memcmp(&machine.random, &empty, sizeof(empty)) == 0);
    }
}

static void bad_numbers_of_bits(void **state)
{
    static const seL4_Word bits[] = {0, 97, 193, 1UL << 31, 1UL << 32, 1UL << 63, ~0UL};

    (void)state;
    for (unsigned int i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        assert_int_equal(call(i % 2 != 0, RND64, bits[i]), bits[i] == 97 ? 0 : INVALID_PARAMETERS);
        assert_int_equal(call(i % 2 != 0, RND32, bits[i]), INVALID_PARAMETERS);
        assert_int_equal(machine_context()->x1, 0);
        assert_int_equal(machine_context()->x2, 0);
        assert_int_equal(machine_context()->x3, 0);
    }
    assert_int_equal(call(false, RND32, 1UL << 32 | 96), 0); /* W1 counts */
}

/* Not one function is there, and a line says why. */
static void no_seed(void **state)
{
    static const seL4_Word calls[] = {VERSION, FEATURES, GET_UUID, RND32, RND64};

    (void)state;
    machine_reset();
    fake.has_no_seed = true;
    machine_create();
    machine_context()->pc = PC;
    assert_non_null(strstr(fake.console, "[linux] no seed from the machine: "));
    for (unsigned int i = 0; i < 2 * sizeof(calls) / sizeof(calls[0]); i++) {
        assert_int_equal(call(i % 2 != 0, calls[i / 2], VERSION), NOT_SUPPORTED);
        assert_int_equal(machine_context()->x1, VERSION);
        assert_int_equal(machine_context()->x3, 33);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(answers, setup),
        cmocka_unit_test_setup(uuid, setup),
        cmocka_unit_test_setup(numbers, setup),
        cmocka_unit_test_setup(one_draw_for_both, setup),
        cmocka_unit_test_setup(bad_numbers_of_bits, setup),
        cmocka_unit_test_setup(no_seed, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
