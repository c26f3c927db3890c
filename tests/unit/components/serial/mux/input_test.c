/* SPDX-License-Identifier: BSD-2-Clause */
/* What is typed, key by key. */
#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/components/serial/fake/console.h"
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"

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

/* `text` is among what was shown since the last time. */
static void assert_shows(const char *text)
{
    const char *shown = fake_console_shown();

    if (strstr(shown, text) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", text, shown);
    }
}

static void goes_to_the_selected(void **state)
{
    (void)state;
    type("ls\r");
    assert_string_equal(fake_console_typed(1), "ls\r");
    assert_string_equal(fake_console_typed(2), "");
    type(KEY "2pwd\r" KEY "1x");
    assert_string_equal(fake_console_typed(2), "pwd\r");
    assert_string_equal(fake_console_typed(1), "x");
}

static void key_twice_is_the_key(void **state)
{
    (void)state;
    type("a" KEY);
    type(KEY "b");
    assert_string_equal(fake_console_typed(1), "a" KEY "b");
}

static void key_can_be_another(void **state)
{
    (void)state;
    fake_console_start("escape = ^A\n", true);
    assert_shows("console: Ctrl-a and a digit select, Ctrl-a ? helps");
    type(KEY "\x01"
             "2y");
    assert_string_equal(fake_console_typed(1), KEY);
    assert_string_equal(fake_console_typed(2), "y");
}

static void unknown_keys_and_clients(void **state)
{
    (void)state;
    type(KEY "x");
    assert_shows("[sluice: no command; Ctrl-] ? helps]\n");
    type(KEY "9");
    assert_shows("[sluice: there is no 9]\n");
    type("y");
    assert_string_equal(fake_console_typed(1), "y");
}

static void help(void **state)
{
    (void)state;
    type(KEY "?");
    assert_shows("[sluice: Ctrl-] r     restart the selected guest]\n");
    type(KEY "h");
    assert_shows("[sluice: Ctrl-] Ctrl-]  the key itself]\n");
}

static void commands_go_to_the_selected(void **state)
{
    (void)state;
    type(KEY "2" KEY "r");
    assert_shows("[sluice: restarting 2 two]\n");
    assert_int_equal(console_client_command(&fake_console.clients[2]), CONSOLE_RESTART);
    type(KEY "s");
    assert_int_equal(console_client_command(&fake_console.clients[2]), CONSOLE_STOP);
    type(KEY "g");
    assert_int_equal(console_client_command(&fake_console.clients[2]), CONSOLE_START);
    assert_int_equal(console_client_command(&fake_console.clients[1]), CONSOLE_NOTHING);
    type(KEY "3" KEY "s");
    assert_shows("[sluice: 3 is no guest]\n");
    type(KEY "a" KEY "s");
    assert_shows("[sluice: select a guest first: Ctrl-] and its digit]\n");
}

/* A ping does not take the place of what the user wants. */
static void last_wish_counts(void **state)
{
    (void)state;
    type(KEY "s" KEY "r" KEY "l");
    assert_int_equal(console_client_command(&fake_console.clients[1]), CONSOLE_RESTART);
    assert_int_equal(console_client_command(&fake_console.clients[1]), CONSOLE_NOTHING);
}

static void breaks(void **state)
{
    char bytes[8];

    (void)state;
    type("a" KEY "bc");
    assert_int_equal(console_client_read(&fake_console.clients[1], bytes, 8), 1);
    assert_true(console_client_take_break(&fake_console.clients[1]));
    assert_int_equal(console_client_read(&fake_console.clients[1], bytes, 8), 1);
    type(KEY "0" KEY "b");
    assert_shows("[sluice: a break goes to who is selected, and nobody is]\n");
}

static void break_of_the_terminal(void **state)
{
    (void)state;
    fake_console.uart.status.break_at = fake_console.in.index + 1;
    fake_console.uart.status.break_count++;
    type("ab");
    assert_int_equal(fake_console.regions[1].control.break_count, 1);
    assert_int_equal(fake_console.regions[1].control.break_at, 1);
    assert_string_equal(fake_console_typed(1), "a");
    assert_true(console_client_take_break(&fake_console.clients[1]));
    assert_string_equal(fake_console_typed(1), "b");
}

static void nobody_reads_all(void **state)
{
    (void)state;
    type(KEY "aabc");
    assert_shows("[sluice: nobody reads here; Ctrl-] and a digit select who does]\n");
    type("abc");
    assert_string_equal(fake_console_shown(), ""); /* it is said once */
    assert_string_equal(fake_console_typed(1), "");
}

static void who_is_off_does_not_read(void **state)
{
    (void)state;
    console_client_set_state(&fake_console.clients[1], CONSOLE_STATE_OFF);
    type("abc");
    assert_shows("[sluice: 1 does not run; Ctrl-] g starts it]\n");
    console_client_set_state(&fake_console.clients[1], CONSOLE_STATE_RUNNING);
    type("def");
    assert_string_equal(fake_console_typed(1), "def");
}

/* Pastes 100 kB, in pieces that the driver has room for; the client reads now and then. */
static void pasting_loses_nothing(void **state)
{
    static char text[100000];
    uint32_t typed = 0;
    uint32_t read = 0;

    (void)state;
    for (uint32_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)('a' + i * 7 % 26);
    }
    for (unsigned int rounds = 0; read < sizeof(text); rounds++) {
        char bytes[1000];
        uint32_t count;

        typed += fake_console_type(text + typed, (uint32_t)sizeof(text) - typed);
        count = console_client_read(&fake_console.clients[1], bytes, sizeof(bytes));
        assert_memory_equal(bytes, text + read, count);
        read += count;
        assert_true(rounds < 1000);
    }
    assert_int_equal(typed, sizeof(text));
}

static uint32_t read_some(void)
{
    char bytes[1000];

    return console_client_read(&fake_console.clients[1], bytes, sizeof(bytes));
}

/* However fast or slow the client is, it has twice the time for what comes behind the reading. */
static void pasting_leaves_time_between_bursts(void **state)
{
    static const unsigned int took[] = {10, 100, 20}; /* milliseconds */

    (void)state;
    assert_int_equal(fake_console_type((char[2000]){0}, 2000), 2000);
    for (unsigned int i = 0; i < 3; i++) {
        fake_clock.now += took[i] * 1000;
        assert_int_equal(read_some(), CLIENT_BURST);
        fake_console_wait(2 * took[i] - 1);
        assert_int_equal(read_some(), 0);
        fake_console_wait(1);
    }
    /* But the user does not wait for a client that was. */
    fake_clock.now += 10000000;
    assert_int_equal(read_some(), CLIENT_BURST);
    fake_console_wait(250);
    assert_int_equal(read_some(), CLIENT_BURST);
}

/* A key that comes behind a burst, when its pause would be over. */
static void typing_does_not_wait(void **state)
{
    (void)state;
    assert_int_equal(fake_console_type((char[CLIENT_BURST]){0}, CLIENT_BURST), CLIENT_BURST);
    fake_clock.now += 1000;
    assert_int_equal(read_some(), CLIENT_BURST);
    fake_console_wait(2);
    for (unsigned int i = 0; i < 2 * CLIENT_BURST; i++) {
        assert_int_equal(fake_console_type("a", 1), 1);
        assert_int_equal(read_some(), 1);
    }
}

/* All that a client was given, with all the time it takes. */
static size_t read_slowly(unsigned int client)
{
    size_t total = 0;
    size_t count;

    do {
        count = strlen(fake_console_typed(client));
        total += count;
        fake_console_wait(250);
    } while (count > 0);
    return total;
}

static void type_meanwhile(void)
{
    bool wake = false;

    assert_int_equal(ring_write(&fake_console.in, "late", 4, &wake), 4);
    assert_false(wake);
}

/* The driver has more at any moment of the multiplexer's way to sleep. */
static void what_comes_at_any_moment_is_not_forgotten(void **state)
{
    (void)state;
    for (unsigned int looks = 0; fake_clock.on_look == NULL; looks++) {
        fake_clock.on_look = type_meanwhile;
        fake_clock.looks = looks;
        type("early ");
        if (fake_clock.on_look == NULL) {
            assert_string_equal(fake_console_typed(1), "early late");
        }
    }
    fake_clock.on_look = NULL;
}

/* Fills all there is between the terminal and a client that does not read. */
static uint32_t fill(void)
{
    static char text[0x4000];
    uint32_t typed = 0;
    uint32_t count;

    memset(text, 'x', sizeof(text));
    do {
        count = fake_console_type(text, sizeof(text));
        typed += count;
    } while (count > 0);
    return typed;
}

static void key_works_while_the_client_is_stuck(void **state)
{
    static char text[CLIENT_BURST + CLIENT_BACKLOG + 100];

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_int_equal(fake_console_type(text, 0x4000), 0x4000);
    assert_int_equal(fake_console_type(text, sizeof(text) - 0x4000), sizeof(text) - 0x4000);
    type(KEY "2");
    assert_string_equal(fake_console_shown(), ""); /* it may be slow alone */
    fake_console_wait(1100);
    assert_shows("[sluice: 1 takes no input: 100 bytes were dropped]\n[sluice: 2 two]\n");
    type("y");
    assert_string_equal(fake_console_typed(2), "y");
    /* What it was given before is still there. */
    assert_int_equal(read_slowly(1), CLIENT_BURST + CLIENT_BACKLOG);
}

static void slow_clients_lose_nothing(void **state)
{
    (void)state;
    assert_int_equal(fill(), CLIENT_BURST + CLIENT_BACKLOG + UART_RING_SIZE);
    (void)console_client_read(&fake_console.clients[1], (char[CONSOLE_IN_SIZE]){0},
                              CONSOLE_IN_SIZE);
    fake_console_settle();
    type(KEY "2");
    fake_console_wait(900);
    assert_int_equal(read_slowly(1), CLIENT_BACKLOG + UART_RING_SIZE);
    assert_shows("[sluice: 2 two]\n");
}

static void key_comes_in_when_all_is_full(void **state)
{
    (void)state;
    (void)fill();
    assert_int_equal(fake_console_type(KEY, 1), 0);
    fake_console_wait(11000);
    assert_shows("[sluice: 1 takes no input: 16384 bytes were dropped]\n");
    type(KEY "2");
    fake_console_wait(1100);
    assert_shows("[sluice: 2 two]\n");
}

static void without_timer_the_key_works_at_once(void **state)
{
    (void)state;
    fake_console_start(NULL, false);
    (void)fake_console_type((char[UART_RING_SIZE]){0}, UART_RING_SIZE);
    (void)fake_console_type((char[UART_RING_SIZE]){0}, UART_RING_SIZE);
    type(KEY "2");
    assert_shows("[sluice: 1 takes no input: 16256 bytes were dropped]\n[sluice: 2 two]\n");
}

static void terminal_size(void **state)
{
    uint16_t columns;
    uint16_t rows;

    (void)state;
    type(KEY "w");
    assert_shows("\x1b[6n");
    type("a\x1b[A"); /* an arrow key */
    type("\x1b[5");
    type("0;132Rb");
    assert_shows("[sluice: the terminal has 132 columns and 50 rows]\n");
    assert_string_equal(fake_console_typed(1), "a\x1b[Ab");
    assert_true(console_client_size(&fake_console.clients[3], &columns, &rows));
    assert_int_equal(columns, 132);
    assert_int_equal(rows, 50);
    type("\x1b[50;132R");
    assert_string_equal(fake_console_typed(1), "\x1b[50;132R");
}

static void terminal_without_size(void **state)
{
    (void)state;
    type(KEY "w");
    type("\x1b");
    assert_string_equal(fake_console_typed(1), "");
    fake_console_wait(3100);
    assert_shows("[sluice: the terminal does not tell its size]\n");
    assert_string_equal(fake_console_typed(1), "\x1b");
}

/* Behind a report that is begun nothing waits: what follows says that it is none. */
static void begun_report_holds_up_nothing(void **state)
{
    (void)state;
    fake_console_start("show = all\n", false);
    type(KEY "w");
    type("\x1b[5" KEY "2z");
    assert_string_equal(fake_console_typed(2), "z");
    fake_console_start(NULL, false);
    type(KEY "w");
    type("\x1b[5");
    fake_console.uart.status.break_at = fake_console.in.index;
    fake_console.uart.status.break_count++;
    type("b");
    assert_string_equal(fake_console_typed(1), "\x1b[5");
    assert_true(console_client_take_break(&fake_console.clients[1]));
    assert_string_equal(fake_console_typed(1), "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(goes_to_the_selected, setup),
        cmocka_unit_test_setup(key_twice_is_the_key, setup),
        cmocka_unit_test_setup(what_comes_at_any_moment_is_not_forgotten, setup),
        cmocka_unit_test_setup(key_can_be_another, setup),
        cmocka_unit_test_setup(unknown_keys_and_clients, setup),
        cmocka_unit_test_setup(help, setup),
        cmocka_unit_test_setup(commands_go_to_the_selected, setup),
        cmocka_unit_test_setup(last_wish_counts, setup),
        cmocka_unit_test_setup(breaks, setup),
        cmocka_unit_test_setup(break_of_the_terminal, setup),
        cmocka_unit_test_setup(nobody_reads_all, setup),
        cmocka_unit_test_setup(who_is_off_does_not_read, setup),
        cmocka_unit_test_setup(pasting_loses_nothing, setup),
        cmocka_unit_test_setup(pasting_leaves_time_between_bursts, setup),
        cmocka_unit_test_setup(typing_does_not_wait, setup),
        cmocka_unit_test_setup(key_works_while_the_client_is_stuck, setup),
        cmocka_unit_test_setup(slow_clients_lose_nothing, setup),
        cmocka_unit_test_setup(key_comes_in_when_all_is_full, setup),
        cmocka_unit_test_setup(without_timer_the_key_works_at_once, setup),
        cmocka_unit_test_setup(terminal_size, setup),
        cmocka_unit_test_setup(terminal_without_size, setup),
        cmocka_unit_test_setup(begun_report_holds_up_nothing, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
