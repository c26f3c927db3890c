/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls the servers and looks at the answers; then stops the active one, lets two callers queue,
 * and looks in which order they are served.
 */
#include "tests/target/call/record.h"
#include "tests/target/lib/check.h"

#define SERVER      0
#define PASSIVE     1
#define FIRST       11
#define SECOND      12
#define TIMER       20
#define SERVER_SEES 61
#define PD_SERVER   7
#define PD_FIRST    8

#define TICK milliseconds(20)

struct record *record = (struct record *)1;

static void check_record(const char *name, const char *expected)
{
    bool same = true;
    unsigned int i;

    for (i = 0; expected[i] != '\0'; i++) {
        same = same && i < record->count && record->events[i] == expected[i];
    }
    check(name, same && i == record->count);
    record->count = 0;
}

/* Every word of a message of `count` words goes there and back, and no other is touched. */
static void check_echo(const char *name, seL4_Word label, seL4_Uint8 count)
{
    microkit_msginfo answer;
    seL4_Word wrong = 0;

    for (seL4_Uint8 i = 0; i < seL4_MsgMaxLength; i++) {
        microkit_mr_set(i, 1000UL * i);
    }
    answer = microkit_ppcall(SERVER, microkit_msginfo_new(label, count));
    for (seL4_Uint8 i = 0; i < seL4_MsgMaxLength; i++) {
        wrong += microkit_mr_get(i) != 1000UL * i + (i < count ? SERVER_SEES : 0);
    }
    expect_equal(name, microkit_msginfo_get_label(answer), label + LABEL_ANSWER);
    expect_equal(name, microkit_msginfo_get_count(answer), count);
    check_equal(name, wrong, 0);
}

static void check_passive(void)
{
    microkit_msginfo answer;

    check_record("passive_server_ran_init", "i");
    answer = microkit_ppcall(PASSIVE, microkit_msginfo_new(LABEL_PASSIVE, 0));
    check_equal("passive_server_answers", microkit_msginfo_get_label(answer),
                LABEL_PASSIVE + LABEL_ANSWER);
    check_equal("passive_server_knows", microkit_mr_get(0), 1);

    microkit_mr_set(0, 100);
    answer = microkit_ppcall(SERVER, microkit_msginfo_new(LABEL_NESTED, 1));
    check_equal("nested_call_answer", microkit_msginfo_get_label(answer),
                LABEL_ECHO + LABEL_ANSWER);
    check_equal("nested_call_word", microkit_mr_get(0), 106);

    microkit_ppcall(PASSIVE, microkit_msginfo_new(LABEL_SIGNAL, 0));
    check_record("passive_server_keeps_its_priority", "pn");
}

/* The callers are below the judge: they run while it waits for the timer. */
static void next_step(void)
{
    static unsigned int step;

    timer_start(TICK);
    switch (step++) {
    case 0: /* the server stands still while the lower caller queues first, then the other */
        microkit_pd_stop(PD_SERVER);
        microkit_notify(SECOND);
        break;
    case 1:
        microkit_notify(FIRST);
        microkit_notify(SERVER);
        break;
    case 2:
        check_record("calls_wait_for_the_server", "sf");
        microkit_pd_resume(PD_SERVER);
        break;
    case 3:
        check_record("notification_first_then_calls_by_priority", "n12FS");
        microkit_pd_stop(PD_SERVER);
        microkit_notify(FIRST);
        microkit_notify(SECOND);
        break;
    case 4:
        microkit_pd_stop(PD_FIRST);
        microkit_pd_resume(PD_SERVER);
        break;
    case 5:
        check_record("call_of_stopped_caller_is_not_served", "fs2S");
        microkit_pd_resume(PD_FIRST);
        break;
    default:
        check_record("call_of_resumed_caller_is_served", "1F");
        check_done();
    }
}

void init(void)
{
    check_echo("call_without_words", LABEL_ECHO, 0);
    check_echo("call_with_four_words", LABEL_ECHO, 4);
    check_echo("call_with_all_words", LABEL_ECHO, 120);
    check_echo("call_with_long_label", LABEL_LONG, 1);
    check_passive();
    next_step();
}

void notified(microkit_channel ch)
{
    if (ch == TIMER) {
        timer_stop();
        microkit_irq_ack(TIMER);
        next_step();
    }
}
