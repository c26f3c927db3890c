/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmm/dev/pl031.h"

#include "tests/unit/vmm/fake/cmocka_all.h"

#define DR   0x00
#define MR   0x04
#define LR   0x08
#define CR   0x0c
#define IMSC 0x10
#define RIS  0x14
#define MIS  0x18
#define ICR  0x1c

static struct pl031 clock_;
static volatile uint32_t seconds;

static int setup(void **state)
{
    (void)state;
    seconds = 1800000000;
    pl031_init(&clock_, &seconds);
    return 0;
}

static uint32_t read_register(uint64_t offset)
{
    struct mmio_access access = {.offset = offset, .size = 4, .value = ~0UL};

    assert_true(pl031_ops.access(&clock_, &access));
    assert_int_equal(access.value >> 32, 0);
    return (uint32_t)access.value;
}

static void write_register(uint64_t offset, uint32_t value)
{
    struct mmio_access access = {.offset = offset, .size = 4, .is_write = true, .value = value};

    assert_true(pl031_ops.access(&clock_, &access));
}

static void shows_the_time(void **state)
{
    (void)state;
    assert_int_equal(read_register(DR), 1800000000);
    seconds += 5;
    assert_int_equal(read_register(DR), 1800000005);
    write_register(DR, 7); /* read-only */
    assert_int_equal(read_register(DR), 1800000005);
    assert_int_equal(read_register(CR), 1);
    write_register(CR, 0);
    assert_int_equal(read_register(CR), 1);
}

/* The guest's own time goes on with the machine's, in both directions and beyond 2^32. */
static void is_set(void **state)
{
    static const uint32_t times[] = {0, 1, 1800000100, 0xfffffffe};

    (void)state;
    for (unsigned int i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        write_register(LR, times[i]);
        assert_int_equal(read_register(LR), times[i]);
        assert_int_equal(read_register(DR), times[i]);
        seconds += 3;
        assert_int_equal(read_register(DR), times[i] + 3);
    }
    pl031_reset(&clock_);
    assert_int_equal(read_register(DR), 1); /* stays over a restart */
}

static void alarm_(void **state)
{
    (void)state;
    assert_int_equal(read_register(RIS), 0);
    write_register(MR, 1800000010);
    write_register(IMSC, 0xffffffff);
    assert_int_equal(read_register(IMSC), 1);
    assert_int_equal(read_register(MR), 1800000010);
    seconds += 9;
    assert_int_equal(read_register(RIS), 0);
    seconds += 1;
    assert_int_equal(read_register(RIS), 1);
    seconds += 1000; /* it is remembered */
    assert_int_equal(read_register(MIS), 1);
    write_register(IMSC, 0);
    assert_int_equal(read_register(RIS), 1);
    assert_int_equal(read_register(MIS), 0);
    write_register(ICR, 0);
    assert_int_equal(read_register(RIS), 1);
    write_register(ICR, 1);
    assert_int_equal(read_register(RIS), 0);
    write_register(MR, seconds); /* at once */
    assert_int_equal(read_register(RIS), 1);
    write_register(MR, seconds - 1); /* in 136 years */
    assert_int_equal(read_register(RIS), 0);
    write_register(ICR, 1); /* nothing to clear: it stays set */
    write_register(MR, seconds + 1);
    write_register(ICR, 1);
    seconds += 1;
    assert_int_equal(read_register(RIS), 1);
}

static void alarm_ends_with_the_guest(void **state)
{
    (void)state;
    write_register(MR, seconds);
    write_register(IMSC, 1);
    pl031_reset(&clock_);
    assert_int_equal(read_register(RIS), 0);
    assert_int_equal(read_register(IMSC), 0);
    assert_int_equal(read_register(MR), 0);
}

static void identifies(void **state)
{
    static const uint32_t ids[] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    (void)state;
    for (unsigned int i = 0; i < 8; i++) {
        assert_int_equal(read_register(0xfe0 + 4 * i), ids[i]);
    }
    for (uint64_t offset = 0x20; offset < 0xfe0; offset += 4) {
        assert_int_equal(read_register(offset), 0);
    }
}

/* Every offset and size, reads and writes: an answer or an error, and the time is what it was. */
static void accesses_of_all_kinds(void **state)
{
    (void)state;
    for (uint64_t offset = 0; offset < PL031_SIZE; offset++) {
        for (unsigned int i = 0; i < 8; i++) {
            unsigned int size = 1u << i / 2;
            struct mmio_access access = {
                .offset = offset, .size = size, .is_write = i % 2 != 0, .value = ~0UL};
            bool is_good = size <= 4 && offset % 4 == 0;

            if (access.is_write && offset == LR) {
                continue;
            }
            assert_int_equal(pl031_ops.access(&clock_, &access), is_good);
            if (is_good && !access.is_write && size < 4) {
                assert_int_equal(access.value >> 8 * size, 0);
            }
        }
    }
    assert_int_equal(read_register(DR), 1800000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(shows_the_time, setup),
        cmocka_unit_test_setup(is_set, setup),
        cmocka_unit_test_setup(alarm_, setup),
        cmocka_unit_test_setup(alarm_ends_with_the_guest, setup),
        cmocka_unit_test_setup(identifies, setup),
        cmocka_unit_test_setup(accesses_of_all_kinds, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
