/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/plugin/options.h"

#define HINT(number) (0xd503201fU | (uint32_t)(number) << 5)

static struct options options;
static char problem[256];

static bool read_arguments(int count, const char *const *arguments)
{
    char *copies[300];

    for (int i = 0; i < count; i++) {
        copies[i] = (char *)(uintptr_t)arguments[i];
    }
    return options_read(&options, count, copies, problem, sizeof(problem));
}

static bool read_one(const char *argument)
{
    return read_arguments(2, (const char *[]){"out=file", argument});
}

static void reads_all(void **state)
{
    (void)state;
    assert_true(read_arguments(4, (const char *[]){"out=a file", "class=kernel:p0x70000000+0x1000",
                                                   "mark=0xd503207f:100", "profile=on"}));
    assert_string_equal(options.out, "a file");
    assert_int_equal(options.class_count, 2);
    assert_string_equal(options.class_names[0], "other");
    assert_string_equal(options.class_names[1], "kernel");
    assert_true(options.profile);
    assert_int_equal(options_mark(&options, 0xd503207f), 100);
}

static void first_class_that_fits(void **state)
{
    (void)state;
    assert_true(read_arguments(
        4, (const char *[]){"out=file", "class=high:v0xffff000000000000+0x1000000000000:p0x1000+1",
                            "class=low:p4096+0x1000", "class=high:v0x5000+0x1000"}));
    assert_int_equal(options.class_count, 3);
    assert_int_equal(options_class(&options, UINT64_MAX, 0x1000), 1);
    assert_int_equal(options_class(&options, 0xffff000000000000, 0x1001), 2);
    assert_int_equal(options_class(&options, 0xfffeffffffffffff, 0x1000), 2);
    assert_int_equal(options_class(&options, 0, 0x1fff), 2);
    assert_int_equal(options_class(&options, 0, 0x2000), 0);
    assert_int_equal(options_class(&options, 0x5fff, OPTIONS_NO_ADDRESS), 1);
    assert_int_equal(options_class(&options, 0x6000, OPTIONS_NO_ADDRESS), 0);
}

static void everything_is_a_class(void **state)
{
    (void)state;
    assert_true(read_one("class=all"));
    assert_int_equal(options_class(&options, 0, OPTIONS_NO_ADDRESS), 1);
}

static void hints_are_marks(void **state)
{
    (void)state;
    assert_true(read_arguments(1, (const char *[]){"out=file"}));
    assert_int_equal(options_mark(&options, HINT(64)), 0);
    assert_int_equal(options_mark(&options, HINT(127)), 63);
    assert_true(options_is_hint(HINT(64)));
    assert_int_equal(options_mark(&options, HINT(63)), -1);
    assert_int_equal(options_mark(&options, HINT(3)), -1); /* wfi */
    assert_int_equal(options_mark(&options, 0xd503381fU), -1);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *argument;
        const char *problem;
    } bad[] = {
        {"clas=x", "unknown argument 'clas=x'; known are out=, class=, mark= and profile="},
        {"profile", "'profile': expected profile=on or off"},
        {"profile=yes", "'profile=yes': expected profile=on or off"},
        {"out=", "'out=': expected out=a file"},
        {"mark=1", "'mark=1': expected mark=OPCODE:NUMBER, the number at most 999"},
        {"mark=1:1000", "'mark=1:1000': expected mark=OPCODE:NUMBER, the number at most 999"},
        {"mark=0x100000000:1",
         "'mark=0x100000000:1': expected mark=OPCODE:NUMBER, the number at most 999"},
        {"mark=1:2x", "'mark=1:2x': expected mark=OPCODE:NUMBER, the number at most 999"},
        {"class=", "'class=': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"},
        {"class=a:", "'class=a:': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"},
        {"class=a:v1", "'class=a:v1': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"},
        {"class=a:v1+0", "'class=a:v1+0': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"},
        {"class=a:v-1+1", "'class=a:v-1+1': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"},
        {"class=a:x1+1", "'class=a:x1+1': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"},
        {"class=a:v0xffffffffffffffff+2",
         "'class=a:v0xffffffffffffffff+2': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"},
        {"class=a:v0x1ffffffffffffffff+2",
         "'class=a:v0x1ffffffffffffffff+2': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"},
        {"class=a name",
         "'class=a name': expected class=NAME[:vSTART+SIZE][:pSTART+SIZE]"}, /* output has words */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(read_one(bad[i].argument));
        assert_string_equal(problem, bad[i].problem);
    }
    assert_false(read_arguments(0, NULL));
    assert_string_equal(problem, "out=FILE is missing");
}

static void too_many_classes(void **state)
{
    const char *arguments[OPTIONS_RULES + 2] = {"out=file"};
    char names[OPTIONS_CLASSES][32];

    (void)state;
    for (int i = 0; i < OPTIONS_RULES + 1; i++) {
        arguments[i + 1] = "class=same";
    }
    assert_true(read_arguments(OPTIONS_RULES + 1, arguments));
    assert_false(read_arguments(OPTIONS_RULES + 2, arguments));
    for (int i = 0; i < OPTIONS_CLASSES; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "class=%d", i);
        arguments[i + 1] = names[i];
    }
    assert_true(read_arguments(OPTIONS_CLASSES, arguments)); /* "other" is one, too */
    assert_false(read_arguments(OPTIONS_CLASSES + 1, arguments));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all),
        cmocka_unit_test(first_class_that_fits),
        cmocka_unit_test(everything_is_a_class),
        cmocka_unit_test(hints_are_marks),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(too_many_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
