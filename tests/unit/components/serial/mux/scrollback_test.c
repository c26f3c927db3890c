/* SPDX-License-Identifier: BSD-2-Clause */
#include "components/serial/mux/scrollback.h"

#include <stdio.h>

#include "tests/unit/vmm/fake/cmocka_all.h"

static struct scrollback scrollback;
static char text[SCROLLBACK_SIZE + 1];

static int setup(void **state)
{
    (void)state;
    memset(&scrollback, 0, sizeof(scrollback));
    return 0;
}

static void put(const char *bytes)
{
    scrollback_put(&scrollback, bytes, (uint32_t)strlen(bytes));
}

/* All that is to be shown, and it is. */
static const char *show(void)
{
    uint32_t count = scrollback_peek(&scrollback, text, SCROLLBACK_SIZE);

    text[count] = '\0';
    assert_int_equal(count, scrollback_pending(&scrollback));
    scrollback_advance(&scrollback, count);
    return text;
}

/* Lines of 16 bytes, "line 0000000 ...\n". */
static void put_lines(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        char line[32];

        (void)snprintf(line, sizeof(line), "line %09u\n", i);
        put(line);
    }
}

static void shown_once(void **state)
{
    (void)state;
    put("hello\n");
    assert_string_equal(show(), "hello\n");
    assert_string_equal(show(), "");
    put("x");
    assert_int_equal(scrollback_replayed(&scrollback), 0);
    assert_string_equal(show(), "x");
}

static void context_is_shown_again(void **state)
{
    (void)state;
    put("a\nb\nc\n> ");
    (void)show();
    put("new\n");
    assert_int_equal(scrollback_rewind(&scrollback, 1), 0);
    assert_int_equal(scrollback_replayed(&scrollback), 4);
    assert_string_equal(show(), "c\n> new\n");
    assert_int_equal(scrollback_rewind(&scrollback, 99), 0);
    assert_string_equal(show(), "a\nb\nc\n> new\n");
}

static void context_is_bounded(void **state)
{
    (void)state;
    put_lines(3000);
    (void)show();
    (void)scrollback_rewind(&scrollback, 3000);
    assert_true(scrollback_pending(&scrollback) <= SCROLLBACK_CONTEXT);
    assert_int_equal(strncmp(show(), "line ", 5), 0);
    memset(text, 'x', SCROLLBACK_SIZE);
    scrollback_put(&scrollback, text, SCROLLBACK_SIZE);
    (void)show();
    (void)scrollback_rewind(&scrollback, 24);
    assert_true(scrollback_pending(&scrollback) <= SCROLLBACK_CONTEXT);
}

/* Every byte is shown, or counted. */
static void what_is_dropped_is_counted(void **state)
{
    uint64_t dropped;

    (void)state;
    put("seen\n");
    (void)show();
    put_lines(10000);
    dropped = scrollback_rewind(&scrollback, 24);
    assert_int_equal(dropped + scrollback_pending(&scrollback), 10000 * 15);
    assert_int_equal(dropped % 15, 0); /* whole lines */
    assert_int_equal(strncmp(show(), "line ", 5), 0);
    assert_int_equal(scrollback_rewind(&scrollback, 24), 0);
}

static void dropped_without_lines(void **state)
{
    (void)state;
    memset(text, 'x', SCROLLBACK_SIZE);
    scrollback_put(&scrollback, text, SCROLLBACK_SIZE);
    put("12345");
    assert_int_equal(scrollback_rewind(&scrollback, 24), 5);
    assert_int_equal(scrollback_pending(&scrollback), SCROLLBACK_SIZE);
}

static void line_is_begun_again(void **state)
{
    (void)state;
    put("> ");
    (void)show();
    scrollback_rewind_line(&scrollback);
    assert_string_equal(show(), "> ");
    put("a\n# b");
    (void)show();
    scrollback_rewind_line(&scrollback);
    assert_string_equal(show(), "# b");
    put("\n");
    (void)show();
    scrollback_rewind_line(&scrollback);
    assert_string_equal(show(), "");
    memset(text, 'x', SCROLLBACK_LINE);
    scrollback_put(&scrollback, text, SCROLLBACK_LINE);
    (void)show();
    scrollback_rewind_line(&scrollback);
    assert_string_equal(show(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(shown_once, setup),
        cmocka_unit_test_setup(context_is_shown_again, setup),
        cmocka_unit_test_setup(context_is_bounded, setup),
        cmocka_unit_test_setup(what_is_dropped_is_counted, setup),
        cmocka_unit_test_setup(dropped_without_lines, setup),
        cmocka_unit_test_setup(line_is_begun_again, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
