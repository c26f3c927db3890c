/* SPDX-License-Identifier: BSD-2-Clause */
/* elf/board.conf of an SDK. */
#include "tool/microkit/board_conf.h"

#include <stdio.h>

#include "tests/unit/tool/microkit/cmocka_all.h"

#define LEAST "load_address = 0x1000\ncpu_count = 1\n"

static bool read_text(const char *text, struct board_conf *conf)
{
    char copy[256];

    (void)snprintf(copy, sizeof(copy), "%s", text);
    return board_conf_read("test.conf", copy, conf);
}

static void test_all_keys(void **state)
{
    struct board_conf conf;

    (void)state;
    assert_true(read_text("# a comment\n\n load_address=0x70000000 # and one here\r\n"
                          "reserve_start =\t1073741824\nreserve_size = 0x20000000\n"
                          "cpu_count = 4\ndebug_console = 1\ngich = 0x8030000\ngicv = 0x8040000",
                          &conf));
    assert_int_equal(conf.load_address, 0x70000000);
    assert_int_equal(conf.reserve_start, 0x40000000);
    assert_int_equal(conf.reserve_size, 0x20000000);
    assert_int_equal(conf.cpu_count, 4);
    assert_int_equal(conf.debug_console, 1);
    assert_int_equal(conf.gich, 0x8030000);
    assert_int_equal(conf.gicv, 0x8040000);
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
        "load_address = 0x1000\n",
        "cpu_count = 1\n",
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
        LEAST "gicd = 1\n",
        LEAST "= 1\n",
    };
    struct board_conf conf;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(read_text(texts[i], &conf));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_keys),
        cmocka_unit_test(test_what_may_be_absent),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
