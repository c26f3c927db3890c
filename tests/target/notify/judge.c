/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifies the recorders, and reads in which order they were told. The steps run one after the
 * other: a step that leaves something to the low recorder is checked when that wakes the judge.
 */
#include "abi/syscall.h"
#include "tests/target/lib/check.h"
#include "tests/target/notify/record.h"

#define HIGH      0
#define LOW_61    10
#define LOW_32    11
#define LOW_0     12
#define FROM_LOW  20
#define HIGH_SEES 5

struct record *record = (struct record *)1;

static unsigned int step;

struct expected {
    char who;
    seL4_Uint8 event;
};

/* The record holds these events and no more; then it is emptied. */
static void check_record(const char *name, const struct expected *expected, unsigned int count)
{
    bool same = record->count == count;

    for (unsigned int i = 0; same && i < count; i++) {
        same = record->events[i].who == expected[i].who &&
               record->events[i].event == expected[i].event;
    }
    check(name, same);
    record->count = 0;
}

#define CHECK_RECORD(name, ...)                                \
    check_record(name, (const struct expected[]){__VA_ARGS__}, \
                 sizeof((const struct expected[]){__VA_ARGS__}) / sizeof(struct expected))

static void raw_signal(seL4_Word cap)
{
    sluice_syscall(ABI_SYS_SEND, cap, 0, 0, 0, 0);
}

void init(void)
{
    record_event(RECORD_START);
    check_equal("mask_without_notify_false", microkit_notifications,
                1UL << HIGH | 1UL << LOW_61 | 1UL << LOW_32 | 1UL << LOW_0);
    CHECK_RECORD("programs_start_in_priority_order", {'h', RECORD_START}, {'j', RECORD_START});
    microkit_notify(HIGH);
    CHECK_RECORD("higher_priority_runs_at_once", {'h', HIGH_SEES});
    microkit_notify(HIGH);
    microkit_notify(HIGH);
    CHECK_RECORD("each_notification_arrives", {'h', HIGH_SEES}, {'h', HIGH_SEES});

    /* What the judge may not do: not one of these reaches anybody. */
    raw_signal(ABI_CAP_NOTIFICATION + FROM_LOW);
    raw_signal(ABI_CAP_NOTIFICATION + 1);
    raw_signal(ABI_CAP_NOTIFICATION + 62);
    raw_signal(ABI_CAP_IRQ + HIGH);
    raw_signal(~0UL);
    microkit_notify(FROM_LOW);

    microkit_notify(LOW_61);
    microkit_notify(LOW_61);
    microkit_notify(LOW_0);
    microkit_notify(LOW_32);
    microkit_notify(LOW_61);
    check_equal("lower_priority_waits", record->count, 0);
}

/* The low recorder has run: look at what it wrote, and begin the next step. */
static void next_step(void)
{
    switch (step++) {
    case 0:
        CHECK_RECORD("coalesced_and_ascending", {'l', RECORD_START}, {'l', 0}, {'l', 32},
                     {'l', 61});
        microkit_deferred_notify(HIGH);
        check_equal("deferred_cap_is_visible", microkit_signal_cap - BASE_OUTPUT_NOTIFICATION_CAP,
                    HIGH);
        check_equal("deferred_is_not_sent_yet", record->count, 0);
        microkit_notify(LOW_0);
        break;
    case 1:
        CHECK_RECORD("deferred_is_sent_with_the_wait", {'h', HIGH_SEES}, {'l', 0});
        check_equal("deferred_is_sent_once", (seL4_Word)microkit_have_signal, 0);
        microkit_deferred_notify(HIGH);
        microkit_deferred_notify(LOW_32);
        break;
    case 2:
        CHECK_RECORD("second_deferred_replaces_first", {'l', 32});
        check_done();
    }
}

void notified(microkit_channel ch)
{
    expect_equal("channel_of_this_end", ch, FROM_LOW);
    next_step();
}
