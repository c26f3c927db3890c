/* SPDX-License-Identifier: BSD-2-Clause */
/* elf/board.conf of an SDK. */
#include "tool/microkit/board_conf.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/tool/microkit/cmocka_all.h"

#define LEAST "load_address = 0x1000\ncpu_count = 1\nintids = 32\n"

static bool read_text(const char *text, struct board_conf *conf)
{
    char copy[2048];

    (void)snprintf(copy, sizeof(copy), "%s", text);
    return board_conf_read("test.conf", copy, conf);
}

static void test_all_keys(void **state)
{
    struct board_conf conf;

    (void)state;
    assert_true(read_text(
        "# a comment\n\n load_address=0x70000000 # and one here\r\n"
        "reserve_start =\t1073741824\nreserve_size = 0x20000000\n"
        "cpu_count = 4\nintids = 1020\ndebug_console = 1\ngich = 0x8030000\ngicv = 0x8040000\n"
        "msi_first = 80\nmsi_count = 940\nfurther_start = 0x3f000000\nfurther_size = 0x1000000\n"
        "ram_end = 0x240000000\n",
        &conf));
    assert_int_equal(conf.load_address, 0x70000000);
    assert_int_equal(conf.reserve_start, 0x40000000);
    assert_int_equal(conf.reserve_size, 0x20000000);
    assert_int_equal(conf.cpu_count, 4);
    assert_int_equal(conf.intids, 1020);
    assert_int_equal(conf.debug_console, 1);
    assert_int_equal(conf.gich, 0x8030000);
    assert_int_equal(conf.gicv, 0x8040000);
    assert_int_equal(conf.msi_first, 80);
    assert_int_equal(conf.msi_count, 940);
    assert_int_equal(conf.further_start, 0x3f000000);
    assert_int_equal(conf.further_size, 0x1000000);
    assert_int_equal(conf.ram_end, 0x240000000);
}

static void test_what_may_be_absent(void **state)
{
    struct board_conf conf;

    (void)state;
    assert_true(read_text(LEAST, &conf));
    assert_int_equal(conf.reserve_size, 0);
    assert_int_equal(conf.debug_console, 0);
    assert_int_equal(conf.gich, 0);
}

static void test_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "load_address = 0x1000\nintids = 32\n",
        "cpu_count = 1\nintids = 32\n",
        "load_address = 0x1000\ncpu_count = 1\n",
        LEAST "intids = 31\n",
        LEAST "intids = 1021\n",
        LEAST "load_address = 0x1001\n",
        LEAST "cpu_count = 0\n",
        LEAST "cpu_count = 9\n",
        LEAST "cpu_count 1\n",
        LEAST "cpu_count =\n",
        LEAST "cpu_count = one\n",
        LEAST "cpu_count = 1 2\n",
        LEAST "cpu_count = -1\n",
        LEAST "reserve_size = 0x10000000000000000\n",
        LEAST "reserve_start = 0xffffffffffffffff\nreserve_size = 1\n",
        LEAST "intids = 96\nmsi_first = 31\nmsi_count = 1\n",
        LEAST "intids = 96\nmsi_first = 80\nmsi_count = 17\n",
        LEAST "intids = 96\nmsi_first = 0xffffffffffffffff\nmsi_count = 2\n",
        LEAST "intids = 96\nmsi_first = 80\nmsi_count = 0xffffffffffffffff\n",
        LEAST "ram_end = 0x80000800\n",
        LEAST "ram_end = 0x4000001000\n",
        LEAST "gicd = 1\n",
        LEAST "= 1\n",
    };
    struct board_conf conf;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(read_text(texts[i], &conf));
    }
}

static void test_firmware_calls(void **state)
{
    struct board_conf conf;

    (void)state;
    assert_true(read_text(LEAST "firmware_call = 0xc2000001\nfirmware_call = 0x84000050 # TRNG\n"
                                "firmware_call = 0xc4000020\nfirmware_call = 0x32000004",
                          &conf));
    assert_int_equal(conf.call_count, 4);
    assert_int_equal(conf.calls[0].function, 0xc2000001);
    assert_int_equal(conf.calls[1].function, 0x84000050);
    assert_int_equal(conf.calls[1].line, 5);
    assert_int_equal(conf.calls[2].function, 0xc4000020);
    assert_int_equal(conf.calls[3].function, 0x32000004);
}

/* All of PSCI, what SDEI runs handlers with, and what is no function id at all. */
static void test_firmware_calls_refused(void **state)
{
    static const uint64_t others[] = {0x84000021, 0xc4000021, 0x8400002a, 0xc400002a,
                                      0x95c1ba5e, 0x95c1ba60, 0x84010050, 0xc2800001,
                                      0xffffffff, 1UL << 32,  UINT64_MAX};
    char text[2048];
    struct board_conf conf;

    (void)state;
    for (uint64_t i = 0; i < 0x20 + sizeof(others) / sizeof(others[0]); i++) {
        uint64_t number = i < 0x20 ? 0x84000000 + i : others[i - 0x20];

        (void)snprintf(text, sizeof(text), LEAST "firmware_call = %lu\n", number);
        assert_false(read_text(text, &conf));
        (void)snprintf(text, sizeof(text), LEAST "firmware_call = %lu\n", number | 1UL << 30);
        assert_false(read_text(text, &conf));
    }
}

static void test_most_firmware_calls(void **state)
{
    char text[2048] = LEAST;
    struct board_conf conf;

    (void)state;
    for (unsigned int i = 0; i < ABI_MAX_FIRMWARE_CALLS; i++) {
        strcat(text, "firmware_call = 0x82000000\n");
    }
    assert_true(read_text(text, &conf));
    assert_int_equal(conf.call_count, ABI_MAX_FIRMWARE_CALLS);
    strcat(text, "firmware_call = 0x82000001\n");
    assert_false(read_text(text, &conf));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_keys),
        cmocka_unit_test(test_what_may_be_absent),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_firmware_calls),
        cmocka_unit_test(test_firmware_calls_refused),
        cmocka_unit_test(test_most_firmware_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
