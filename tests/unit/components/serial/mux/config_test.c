/* SPDX-License-Identifier: BSD-2-Clause */
#include "components/serial/mux/config.h"

#include <stdio.h>

#include "tests/unit/vmm/fake/cmocka_all.h"

static struct config config;
static char reported[512];

static void report(void *context, unsigned int line, const char *why)
{
    size_t length = strlen(reported);

    (void)context;
    (void)snprintf(reported + length, sizeof(reported) - length, "%u: %s\n", line, why);
}

static void parse(const char *text)
{
    reported[0] = '\0';
    config_set_defaults(&config);
    config_parse(&config, text, strlen(text), report, NULL);
}

static void nothing_is_the_defaults(void **state)
{
    (void)state;
    parse("");
    assert_int_equal(config.escape, 0x1d);
    assert_false(config.is_power_shared);
    assert_int_equal(config.show, 1);
    parse("\n  # nothing\n\n\t\n");
    assert_string_equal(reported, "");
}

static void everything(void **state)
{
    (void)state;
    parse("# mine\nescape = ^a # like screen\n  poweroff=all\r\nshow\t=\tall");
    assert_string_equal(reported, "");
    assert_int_equal(config.escape, 1);
    assert_true(config.is_power_shared);
    assert_int_equal(config.show, CONFIG_SHOW_ALL);
    parse("show = 0\npoweroff = never\nescape = ^_\n");
    assert_string_equal(reported, "");
    assert_int_equal(config.escape, 0x1f);
    assert_int_equal(config.show, 0);
}

static void what_is_wrong_is_left_out(void **state)
{
    (void)state;
    parse("escape = ^M\nescape = x\nescape = ^\nshow = 10\nshow =\npoweroff = al\ncolour = red\n"
          "hello\n= 1\nshow = 3\n");
    assert_string_equal(reported, "1: escape is a control key such as ^]\n"
                                  "2: escape is a control key such as ^]\n"
                                  "3: escape is a control key such as ^]\n"
                                  "4: show is 0..9 or all\n"
                                  "5: show is 0..9 or all\n"
                                  "6: poweroff is all or never\n"
                                  "7: there are escape, poweroff and show\n"
                                  "8: not of the form name = value\n"
                                  "9: there are escape, poweroff and show\n");
    assert_int_equal(config.escape, 0x1d);
    assert_int_equal(config.show, 3);
}

/* A region is larger than its text. */
static void a_zero_ends_it(void **state)
{
    static const char text[] = "show = 2\n\0show = 3\n";

    (void)state;
    config_set_defaults(&config);
    config_parse(&config, text, sizeof(text), report, NULL);
    assert_int_equal(config.show, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_the_defaults),
        cmocka_unit_test(everything),
        cmocka_unit_test(what_is_wrong_is_left_out),
        cmocka_unit_test(a_zero_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
