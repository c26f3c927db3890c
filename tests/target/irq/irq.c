/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts to a program: the EL1 physical timer (INTID 30, level) and the RTC's alarm (INTID 34,
 * here declared as edge). A fence is a notification that a lower-priority program sends back: what
 * was going to arrive has arrived before it.
 */
#include "abi/syscall.h"
#include "tests/target/lib/check.h"

#define FENCE 0
#define COUNT 1
#define TIMER 3
#define ALARM 60

#define TICK milliseconds(2)

/* PL031: data, match, load, control, interrupt mask, raw status, masked status, clear */
#define RTC_DATA  0
#define RTC_MATCH 1
#define RTC_MASK  4
#define RTC_RAW   5
#define RTC_CLEAR 7

volatile seL4_Uint32 *rtc = (seL4_Uint32 *)1;
volatile seL4_Word *progress = (seL4_Word *)1;

static unsigned int step;
static unsigned int timer_count; /* since the step began */
static unsigned int alarm_count;

static void wait_with_wfi(void)
{
    seL4_Word start = counter();

    timer_start(TICK);
    __asm__ volatile("wfi" : : : "memory");
    /* It may wake early, but for good it sleeps only until the interrupt. */
    check_range("wfi_wakes", counter() - start, 0, milliseconds(5000));
    while (counter() - start < TICK + milliseconds(1)) {
    }
}

static void begin(void)
{
    step++;
    timer_count = 0;
    alarm_count = 0;
}

/* Each step looks at what arrived since it began, and then begins the next. */
static void timer_steps(void)
{
    switch (step) {
    case 1: /* the fence came first: nothing fired on its own */
        check_equal("nothing_fires_by_itself", timer_count + alarm_count, 0);
        begin();
        timer_start(TICK);
        break;
    case 2: /* not acked, and the timer's level is still up */
        check_equal("timer_fires", timer_count, 1);
        begin();
        sluice_syscall(ABI_SYS_SEND, ABI_CAP_IRQ + FENCE, 0, 0, 0, 0); /* no interrupt: no ack */
        spin(TICK);
        microkit_notify(FENCE);
        break;
    case 3:
        check_equal("masked_until_acked", timer_count, 0);
        begin();
        microkit_irq_ack(TIMER);
        spin(TICK); /* level still up: comes again, but is not taken before the next wait */
        break;
    case 4:
        check_equal("level_fires_again_after_ack", timer_count, 1);
        begin();
        timer_stop();
        microkit_irq_ack(TIMER);
        microkit_notify(FENCE);
        break;
    case 5:
        check_equal("silent_when_level_is_down", timer_count, 0);
        begin();
        timer_start(TICK);
        break;
    case 6:
        check_equal("fires_anew", timer_count, 1);
        begin();
        timer_start(TICK);
        microkit_deferred_irq_ack(TIMER);
        break;
    case 7:
        check_equal("deferred_ack", timer_count, 1);
        begin();
        timer_stop();
        microkit_irq_ack(TIMER);
        wait_with_wfi();
        break;
    case 8:
        check_equal("fires_after_wfi", timer_count, 1);
        begin();
        timer_start(milliseconds(10));
        microkit_irq_ack(TIMER);
        microkit_notify(COUNT);
        break;
    case 9:
        check("interrupt_preempts_lower_priority", *progress > 0);
        timer_stop();
        microkit_irq_ack(TIMER);
        begin();
        rtc[RTC_CLEAR] = 1;
        rtc[RTC_MATCH] = rtc[RTC_DATA] + 1;
        rtc[RTC_MASK] = 1;
        break;
    }
}

/* The lower program counts and sends no fence any more: the timer is the fence. */
static void alarm_steps(void)
{
    static seL4_Word count_before;

    switch (step) {
    case 10:
        check_equal("alarm_fires", alarm_count, 1);
        begin();
        check_equal("alarm_is_still_up", rtc[RTC_RAW], 1);
        microkit_irq_ack(ALARM);
        count_before = *progress;
        timer_start(TICK);
        break;
    case 11:
        check_equal("edge_fires_once", alarm_count, 0);
        check("lower_priority_goes_on", *progress > count_before);
        check_done();
    }
}

void init(void)
{
    begin();
    microkit_notify(FENCE);
}

void notified(microkit_channel ch)
{
    timer_count += ch == TIMER;
    alarm_count += ch == ALARM;
    if (step < 10) {
        timer_steps();
    } else {
        alarm_steps();
    }
}
