/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/log.h"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static void line(void **state)
{
    (void)state;
    log_line("linux", "%s 0x%x", "at", 255);
    assert_string_equal(fake.console, "[linux] at 0xff\n");
}

static void long_lines_are_cut(void **state)
{
    char text[400];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    log_line("linux", "%s", text);
    assert_int_equal(strlen(fake.console), LOG_LINE_LENGTH + 1);
    assert_int_equal(fake.console[LOG_LINE_LENGTH], '\n');
    fake_reset();
    log_line(text, "%s", "nothing of it fits");
    assert_int_equal(strlen(fake.console), LOG_LINE_LENGTH + 1);
    assert_null(strstr(fake.console, "fits"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(line, setup),
        cmocka_unit_test_setup(long_lines_are_cut, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
