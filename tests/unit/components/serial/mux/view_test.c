/* SPDX-License-Identifier: BSD-2-Clause */
/* What is shown. */
#include <stdio.h>

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/components/serial/fake/console.h"
#include "tests/unit/vmm/fake/cmocka_all.h"

#define KEY "\x1d"

static int setup(void **state)
{
    (void)state;
    fake_console_start(NULL, true);
    (void)fake_console_shown();
    return 0;
}

static void type(const char *text)
{
    assert_int_equal(fake_console_type(text, (uint32_t)strlen(text)), strlen(text));
}

static void assert_shows(const char *text)
{
    const char *shown = fake_console_shown();

    if (strstr(shown, text) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", text, shown);
    }
}

/* All of it is taken, and settles. */
static void print(unsigned int client, const char *text)
{
    size_t length = strlen(text);

    while (length > 0) {
        uint32_t count = fake_console_print(client, text);

        text += count;
        length -= count;
        fake_console_settle();
    }
}

static void banner(void **state)
{
    (void)state;
    fake_console_start(NULL, true);
    assert_string_equal(fake_console_shown(),
                        "[sluice: console: Ctrl-] and a digit select, Ctrl-] ? helps]\n"
                        "[sluice: 1 one boots here]\n"
                        "[sluice: 2 two boots; Ctrl-] 2 shows it]\n");
}

static void configured_start(void **state)
{
    (void)state;
    fake_console_start("colour = red\nshow = 2\n", true);
    print(2, "two");
    assert_string_equal(fake_console_shown(),
                        "[sluice: configuration, line 1: there are escape, poweroff and show]\n"
                        "[sluice: console: Ctrl-] and a digit select, Ctrl-] ? helps]\n"
                        "[sluice: 1 one boots; Ctrl-] 1 shows it]\n"
                        "[sluice: 2 two boots here]\n"
                        "two");
    fake_console_start("show = 9\n", true);
    print(1, "one");
    assert_shows("one");
}

static void selected_alone_is_shown(void **state)
{
    (void)state;
    print(2, "unseen\n");
    print(1, "\x1b[1mbold\x1b[m and\x07 all\n");
    assert_string_equal(fake_console_shown(), "\x1b[1mbold\x1b[m and\x07 all\n");
    type(KEY "2");
    assert_shows("[sluice: 2 two]\nunseen\n");
}

/* Even in the middle of a line, or of an escape sequence. */
static void own_lines_are_lines(void **state)
{
    (void)state;
    print(1, "# ");
    (void)fake_console_shown();
    type(KEY "x");
    assert_string_equal(fake_console_shown(), "\n[sluice: no command; Ctrl-] ? helps]\n# ");
    print(1, "\x1b[3");
    type(KEY "x");
    assert_string_equal(fake_console_shown(),
                        "\x1b[3\x18\n[sluice: no command; Ctrl-] ? helps]\n# \x1b[3");
}

/* A client that leaves the terminal in some state does not pass it on. */
static void states_of_the_terminal_are_not_passed_on(void **state)
{
    (void)state;
    print(1, "\x0e\x1b[5mxyz");
    (void)fake_console_shown();
    type(KEY "2");
    assert_string_equal(fake_console_shown(), "\n\x0f\x1b[!p[sluice: 2 two]\n");
    type(KEY "3");
    assert_string_equal(fake_console_shown(), "[sluice: 3 three]\n");
}

static void context_and_what_is_new(void **state)
{
    char text[64];

    (void)state;
    for (unsigned int i = 0; i < 100; i++) {
        (void)snprintf(text, sizeof(text), "line %u\n", i);
        print(1, text);
    }
    print(1, "# ls \x1b[6n");
    (void)fake_console_shown();
    type(KEY "2");
    (void)fake_console_shown();
    print(1, "\nfile\n# \x1b[6n");
    type(KEY "1");
    /* What the terminal answered is not asked again, what is new is. */
    (void)snprintf(text, sizeof(text), "[sluice: 1 one]\nline %u\n", 100 - 24);
    assert_non_null(strstr(fake_console_shown(), text));
    type(KEY "2" KEY "1");
    assert_shows("line 99\n# ls \nfile\n# ");
}

static void overflow_is_said(void **state)
{
    static char text[200001];
    const char *shown;
    unsigned long dropped = 0;

    (void)state;
    for (unsigned int i = 0; i < sizeof(text) - 1; i += 10) {
        (void)snprintf(text + i, 11, "%08u\r\n", i / 10);
    }
    print(2, text);
    assert_string_equal(fake_console_shown(), "");
    type(KEY "2");
    shown = fake_console_shown();
    assert_int_equal(sscanf(shown, "[sluice: 2 two]\n[sluice: %lu bytes were dropped]", &dropped),
                     1);
    (void)snprintf(text, sizeof(text), "dropped]\n%08lu\n", dropped / 10);
    assert_int_equal(dropped % 10, 0);
    assert_non_null(strstr(shown, text));
    assert_non_null(strstr(shown, "00019999\n"));
    type(KEY "1" KEY "2");
    assert_null(strstr(fake_console_shown(), "dropped"));
}

/* The client waits for the terminal. */
static void slow_terminal_loses_nothing(void **state)
{
    static char text[200001];
    uint32_t done = 0;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    fake_console.is_terminal_stuck = true;
    for (unsigned int i = 0; i < 10; i++) {
        done += fake_console_print(1, text + done);
        fake_console_settle();
    }
    assert_true(done < 0x10000);
    fake_console.is_terminal_stuck = false;
    while (done < sizeof(text) - 1) {
        done += fake_console_print(1, text + done);
        fake_console_settle();
    }
    assert_int_equal(strlen(fake_console_shown()), sizeof(text) - 1);
}

static void drain_meanwhile(void)
{
    static char sent[UART_RING_SIZE];
    bool wake = false;

    assert_in_range(ring_read(&fake_console.out, sent, sizeof(sent), &wake), 1, sizeof(sent));
}

/* The driver sends all it has at any moment of the way to sleep of the multiplexer, which has more.
 */
static void room_that_comes_at_any_moment_is_used(void **state)
{
    static char text[CONSOLE_OUT_SIZE];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    for (unsigned int looks = 0; fake_clock.on_look == NULL; looks++) {
        fake_console_start(NULL, true);
        fake_console.is_terminal_stuck = true;
        (void)fake_console_print(1, text);
        fake_console_settle();
        assert_in_range(ring_used(&fake_console.out), UART_RING_SIZE * 3 / 4, UART_RING_SIZE);
        fake_clock.on_look = drain_meanwhile;
        fake_clock.looks = looks;
        mux_signalled(&fake_console.mux, CONSOLE_FAKE_UART);
        if (fake_clock.on_look == NULL) {
            assert_in_range(ring_used(&fake_console.out), 1, UART_RING_SIZE);
        }
    }
    fake_clock.on_look = NULL;
}

static void all_shows_lines_with_names(void **state)
{
    (void)state;
    type(KEY "a");
    (void)fake_console_shown();
    print(1, "one ");
    print(2, "two\r\n");
    print(1, "line\r\n");
    assert_string_equal(fake_console_shown(), "\x1b[33m2 two| two\n\x1b[32m1 one| one line\n");
}

static void prompts_are_shown_when_it_is_quiet(void **state)
{
    (void)state;
    type(KEY "a");
    (void)fake_console_shown();
    print(1, "login: ");
    assert_string_equal(fake_console_shown(), "");
    fake_console_wait(60);
    assert_string_equal(fake_console_shown(), "\x1b[32m1 one| login: ");
    print(1, "root\r\n");
    assert_string_equal(fake_console_shown(), "root\n");
    print(1, "# ");
    fake_console_wait(60);
    print(2, "hello\r\n# ");
    fake_console_wait(60);
    print(1, "ls\r\n");
    fake_console_wait(60);
    assert_string_equal(fake_console_shown(), "\x1b[32m1 one| # \n\x1b[33m2 two| hello\n"
                                              "\x1b[33m2 two| # \n\x1b[32m1 one| ls\n");
}

static void lines_without_end_do_not_hold_others(void **state)
{
    (void)state;
    type(KEY "a");
    print(1, "busy");
    fake_console_wait(60);
    (void)fake_console_shown();
    for (unsigned int i = 0; i < 20; i++) {
        print(1, ".");
        if (i == 0) {
            print(2, "line\r\n");
        }
        fake_console_wait(20);
    }
    assert_shows("2 two| line\n");
}

static void without_timer_all_shows_at_once(void **state)
{
    (void)state;
    fake_console_start("show = all\n", false);
    (void)fake_console_shown();
    print(1, "login: ");
    assert_string_equal(fake_console_shown(), "\x1b[32m1 one| login: ");
}

static void all_is_fair(void **state)
{
    static char text[60001];
    const char *shown;
    const char *two;

    (void)state;
    type(KEY "a");
    (void)fake_console_shown();
    for (unsigned int i = 0; i < sizeof(text) - 1; i += 20) {
        (void)snprintf(text + i, 21, "%018u\r\n", i / 20);
    }
    fake_console.is_terminal_stuck = true;
    (void)fake_console_print(1, text);
    fake_console_settle();
    (void)fake_console_print(2, "short\r\n");
    fake_console.is_terminal_stuck = false;
    shown = fake_console_shown();
    two = strstr(shown, "2 two| short\n");
    assert_non_null(two);
    assert_non_null(strstr(two, "1 one|")); /* it did not wait for the end */
}

static void messages(void **state)
{
    (void)state;
    console_client_log(&fake_console.clients[2], "it \x1b[5mstarts");
    fake_console_settle();
    assert_string_equal(fake_console_shown(), "");
    type(KEY "0");
    assert_shows("[sluice: 0 messages]\n");
    console_client_log(&fake_console.clients[2], "again");
    assert_shows("2 two: again\n");
    type(KEY "1" KEY "0");
    assert_shows("2 two: it [5mstarts\n2 two: again\n");
}

/* Names are the client's, which may write anything. */
static void names_are_cleaned(void **state)
{
    char *name = fake_console.regions[2].status.name;

    (void)state;
    memset(name, 'n', CONSOLE_NAME_LENGTH);
    type(KEY "2");
    assert_shows("[sluice: 2 nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn]\n");
    strcpy(name, "a\x1b[2J b]\n");
    type(KEY "2");
    assert_shows("[sluice: 2 a?[2J?b]?]\n");
    name[0] = '\0';
    type(KEY "2");
    assert_shows("[sluice: 2 client-2]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(banner, setup),
        cmocka_unit_test_setup(configured_start, setup),
        cmocka_unit_test_setup(selected_alone_is_shown, setup),
        cmocka_unit_test_setup(own_lines_are_lines, setup),
        cmocka_unit_test_setup(states_of_the_terminal_are_not_passed_on, setup),
        cmocka_unit_test_setup(context_and_what_is_new, setup),
        cmocka_unit_test_setup(overflow_is_said, setup),
        cmocka_unit_test_setup(slow_terminal_loses_nothing, setup),
        cmocka_unit_test_setup(room_that_comes_at_any_moment_is_used, setup),
        cmocka_unit_test_setup(all_shows_lines_with_names, setup),
        cmocka_unit_test_setup(prompts_are_shown_when_it_is_quiet, setup),
        cmocka_unit_test_setup(lines_without_end_do_not_hold_others, setup),
        cmocka_unit_test_setup(without_timer_all_shows_at_once, setup),
        cmocka_unit_test_setup(all_is_fair, setup),
        cmocka_unit_test_setup(messages, setup),
        cmocka_unit_test_setup(names_are_cleaned, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
