/* SPDX-License-Identifier: BSD-2-Clause */
#include "components/serial/mux/filter.h"

#include "tests/unit/vmm/fake/cmocka_all.h"

static char out[512];

static const char *filter(enum filter_kind kind, const char *text)
{
    struct filter state = {0};
    uint32_t count = 0;

    for (; *text != '\0'; text++) {
        count += filter_feed(&state, kind, (uint8_t)*text, (uint8_t *)out + count);
    }
    out[count] = '\0';
    return out;
}

static void lines_keep_text_and_colours(void **state)
{
    (void)state;
    assert_string_equal(filter(FILTER_LINES, "a\tb\n"), "a\tb\n");
    assert_string_equal(filter(FILTER_LINES, "\x1b[1;31mred\x1b[m"), "\x1b[1;31mred\x1b[m");
    assert_string_equal(filter(FILTER_LINES, "\rx\x07\x08\x0ey\x7f"), "xy");
    assert_string_equal(filter(FILTER_LINES, "# \x1b[6n\x1b[J\x1b[2;3Hx\x1b(0y\x1b=z"), "# xyz");
    assert_string_equal(filter(FILTER_LINES, "\x1b]0;title\x07x\x1bPq\x1b\\y"), "xy");
    /* CAN ends a sequence, ESC begins another. */
    assert_string_equal(filter(FILTER_LINES, "\x1b[3\x18x\x1b[3\x1b[4my"), "x\x1b[4my");
}

static void replays_do_not_ask(void **state)
{
    (void)state;
    assert_string_equal(filter(FILTER_REPLAY, "# \x1b[6nls\r\n"), "# ls\r\n");
    assert_string_equal(filter(FILTER_REPLAY, "\x1b[c\x1b[>c\x1b[5n\x1bZ\x05\x1b]10;?\x1b\\x"),
                        "x");
    assert_string_equal(filter(FILTER_REPLAY, "\x1b[2J\x1b[1mx\x1b(B"), "\x1b[2J\x1b[1mx\x1b(B");
}

static void long_sequences_are_dropped(void **state)
{
    char text[100] = "\x1b[";

    (void)state;
    memset(text + 2, '1', 60);
    strcpy(text + 62, "mx");
    assert_string_equal(filter(FILTER_LINES, text), "x");
}

static void begun_sequences_can_be_flushed(void **state)
{
    struct filter held = {0};
    uint8_t bytes[FILTER_SEQUENCE];

    (void)state;
    (void)filter_feed(&held, FILTER_REPLAY, 0x1b, bytes);
    (void)filter_feed(&held, FILTER_REPLAY, '[', bytes);
    assert_int_equal(filter_flush(&held, bytes), 2);
    assert_memory_equal(bytes, "\x1b[", 2);
    assert_int_equal(filter_flush(&held, bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_keep_text_and_colours),
        cmocka_unit_test(replays_do_not_ask),
        cmocka_unit_test(long_sequences_are_dropped),
        cmocka_unit_test(begun_sequences_can_be_flushed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
