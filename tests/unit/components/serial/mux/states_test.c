/* SPDX-License-Identifier: BSD-2-Clause */
/* The list, states and power, watchdogs. */
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

static void assert_shows(const char *text)
{
    const char *shown = fake_console_shown();

    if (strstr(shown, text) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", text, shown);
    }
}

/* The clients look at what they were told. */
static void answer(void)
{
    for (unsigned int i = 1; i <= CONSOLE_FAKE_CLIENTS; i++) {
        (void)console_client_command(&fake_console.clients[i]);
    }
    fake_console_settle();
}

static void list(void **state)
{
    (void)state;
    console_client_set_memory(&fake_console.clients[1], 256U << 20);
    console_client_set_memory(&fake_console.clients[2], 300U << 10);
    console_client_set_faults(&fake_console.clients[1], 1);
    console_client_set_faults(&fake_console.clients[2], 18446744073709551615U);
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_OFF);
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_RUNNING);
    fake_clock.now += 93784 * 1000000UL; /* a day, two hours, three minutes, four seconds */
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_FAILED);
    fake_clock.now += 192 * 1000000UL;
    type(KEY "l");
    assert_string_equal(fake_console_shown(), ""); /* it waits for answers */
    answer();
    assert_string_equal(
        fake_console_shown(),
        "[sluice: *1 one          running for 1 d 2 h, 256 MiB, 1 start, 1 DMA fault]\n"
        "[sluice:  2 two          failed for 3 min 12 s, 300 KiB, 2 starts, 18446744073709551615 "
        "DMA faults]\n"
        "[sluice:  3 three        program for 1 d 2 h, 1 start]\n");
}

static void who_does_not_answer(void **state)
{
    (void)state;
    type(KEY "l");
    (void)console_client_command(&fake_console.clients[1]);
    (void)console_client_command(&fake_console.clients[3]);
    fake_console_wait(90);
    assert_string_equal(fake_console_shown(), "");
    fake_console_wait(11);
    assert_string_equal(fake_console_shown(),
                        "[sluice: *1 one          running for 0 s, 1 start]\n"
                        "[sluice:  2 two          running for 0 s, 1 start, does not answer]\n"
                        "[sluice:  3 three        program for 0 s, 1 start]\n");
    answer();
    type(KEY "l");
    answer();
    assert_null(strstr(fake_console_shown(), "does not answer"));
}

static void without_timer_the_list_comes_at_once(void **state)
{
    (void)state;
    fake_console_start(NULL, false);
    type(KEY "l");
    assert_shows("3 three        program");
}

/* Numbers may be anything. */
static void nonsense_is_shown(void **state)
{
    struct console_status *status = &fake_console.regions[2].status;

    (void)state;
    memset(status, 0xff, sizeof(*status));
    type(KEY "l");
    fake_console_wait(101);
    assert_shows("[sluice:  2 ??????????????????????????????? not there]\n");
    status->magic = CONSOLE_MAGIC;
    status->kind = CONSOLE_GUEST;
    status->state = 77;
    memset(status->name, 0xff, sizeof(status->name));
    type(KEY "l");
    fake_console_wait(101);
    assert_shows("[sluice:  2 ??????????????????????????????? not there");
    status->state = CONSOLE_STATE_RUNNING;
    type(KEY "l");
    fake_console_wait(101);
    assert_shows("running, 17592186044415 MiB, 4294967295 starts");
}

static void states_are_said(void **state)
{
    (void)state;
    (void)fake_console_print(1, "Power down");
    console_client_set_state(&fake_console.clients[1], CONSOLE_STATE_OFF);
    assert_string_equal(fake_console_shown(),
                        "Power down\n[sluice: 1 one is off; Ctrl-] g starts it]\nPower down");
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_FAILED);
    assert_string_equal(fake_console_shown(), ""); /* not shown */
    type(KEY "0");
    assert_shows("console: 1 one is running\nconsole: 2 two is running\nconsole: 1 one is off\n"
                 "console: 2 two is failed\n");
}

static void machine_stays_on(void **state)
{
    (void)state;
    console_client_set_state(&fake_console.clients[1], CONSOLE_STATE_OFF);
    fake_console_settle();
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_OFF);
    assert_shows("[sluice: every guest is off]\n");
    assert_int_equal(fake.smc_count, 0);
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_RUNNING);
    fake_console_settle();
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_OFF);
    assert_shows("[sluice: every guest is off]\n");
}

static void machine_goes_off(void **state)
{
    (void)state;
    fake_console_start("poweroff = all\n", true);
    console_client_set_state(&fake_console.clients[1], CONSOLE_STATE_OFF);
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_STOPPED);
    fake_console_settle();
    assert_int_equal(fake.smc_count, 0); /* the user may start it again */
    fake_console.is_terminal_stuck = true;
    console_client_set_state(&fake_console.clients[2], CONSOLE_STATE_OFF);
    fake_console_settle();
    assert_int_equal(fake.smc_count, 0); /* something is still to be shown */
    fake_console.is_terminal_stuck = false;
    /* This one does not. */
    assert_shows("[sluice: every guest is off: the machine goes off]\n"
                 "[sluice: the machine does not go off]\n");
    assert_int_equal(fake.smc_count, 1);
    assert_int_equal(fake.smc.x0, 0x84000008);
    fake_console_wait(1000);
    assert_int_equal(fake.smc_count, 1);
}

static void watchdogs(void **state)
{
    struct console_client *client = &fake_console.clients[2];

    (void)state;
    console_client_set_watchdog(client, fake_clock.now + 50000);
    fake_console_wait(40);
    assert_int_equal(console_client_command(client), CONSOLE_NOTHING);
    console_client_set_watchdog(client, fake_clock.now + 50000);
    fake_console_wait(40);
    assert_int_equal(console_client_command(client), CONSOLE_NOTHING);
    fake_console_wait(20);
    assert_int_equal(console_client_command(client), CONSOLE_EXPIRED);
    fake_console_wait(100);
    assert_int_equal(console_client_command(client), CONSOLE_NOTHING); /* once */
    console_client_set_watchdog(client, fake_clock.now + 10000);
    fake_console_wait(20);
    assert_int_equal(console_client_command(client), CONSOLE_EXPIRED);
    console_client_set_watchdog(client, fake_clock.now + 10000);
    console_client_set_watchdog(client, 0);
    fake_console_wait(20);
    assert_int_equal(console_client_command(client), CONSOLE_NOTHING);
}

/* The user's command comes first, the deadline's afterwards. */
static void watchdog_waits_for_commands(void **state)
{
    struct console_client *client = &fake_console.clients[1];

    (void)state;
    type(KEY "r");
    console_client_set_watchdog(client, fake_clock.now + 1000);
    fake_console_wait(10);
    assert_int_equal(console_client_command(client), CONSOLE_RESTART);
    fake_console_settle();
    assert_int_equal(console_client_command(client), CONSOLE_EXPIRED);
}

/* It is not woken more often than every millisecond, whatever a client wants. */
static void alarms_are_not_at_once(void **state)
{
    (void)state;
    console_client_set_watchdog(&fake_console.clients[1], fake_clock.now + 1);
    fake_console_settle();
    assert_true(fake_clock.alarm >= fake_clock.now + 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(list, setup),
        cmocka_unit_test_setup(who_does_not_answer, setup),
        cmocka_unit_test_setup(without_timer_the_list_comes_at_once, setup),
        cmocka_unit_test_setup(nonsense_is_shown, setup),
        cmocka_unit_test_setup(states_are_said, setup),
        cmocka_unit_test_setup(machine_stays_on, setup),
        cmocka_unit_test_setup(machine_goes_off, setup),
        cmocka_unit_test_setup(watchdogs, setup),
        cmocka_unit_test_setup(watchdog_waits_for_commands, setup),
        cmocka_unit_test_setup(alarms_are_not_at_once, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
