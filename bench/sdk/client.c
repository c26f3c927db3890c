/* SPDX-License-Identifier: BSD-2-Clause */
/* Measures one thing after the other; what needs the event loop goes on in notified() and fault().
 */
#include "bench/sdk/bench.h"

#define ACTIVE  1
#define PASSIVE 2
#define ECHO    3
#define CHILD   4
#define TIMER   20

#define PSCI_SYSTEM_OFF 0x84000008UL
/* Longer than the way to the event loop and into the kernel's idle loop, on a slow machine, too. */
#define TIMER_TICKS (CONFIG_TIMER_FREQUENCY / 1000)

struct shared *shared;

static seL4_Word rounds;

/* Inlined, since the mark's number is part of an instruction. */
static inline __attribute__((always_inline)) void measure_calls(enum mark mark,
                                                                microkit_channel server,
                                                                seL4_Uint16 words)
{
    for (int i = 0; i < ROUNDS; i++) {
        MARK(mark);
        for (seL4_Uint8 word = 0; word < words; word++) {
            microkit_mr_set(word, word);
        }
        (void)microkit_ppcall(server, microkit_msginfo_new(0, words));
        MARK(MARK_END);
    }
}

static void measure_notify(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        MARK(MARK_NOTIFY);
        microkit_notify(ECHO);
    }
}

static void ask_echo(void)
{
    MARK(MARK_NOTIFY_BACK);
    microkit_notify(ECHO);
}

static void start_timer(void)
{
    seL4_Word now;

    __asm__ volatile("mrs %0, cntpct_el0" : "=r"(now));
    __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
                     :
                     : "r"(now + TIMER_TICKS), "r"(1UL));
    MARK(MARK_INTERRUPT);
}

void init(void)
{
    measure_calls(MARK_CALL_ACTIVE, ACTIVE, 0);
    measure_calls(MARK_CALL_ACTIVE_WORDS, ACTIVE, 4);
    measure_calls(MARK_CALL_PASSIVE, PASSIVE, 0);
    measure_calls(MARK_CALL_PASSIVE_WORDS, PASSIVE, 4);
    measure_notify();
    shared->answer = 1;
    ask_echo();
}

static void echoed(void)
{
    MARK(MARK_END);
    if (++rounds < ROUNDS) {
        ask_echo();
        return;
    }
    rounds = 0;
    start_timer();
}

static void timer_fired(void)
{
    MARK(MARK_END);
    __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb");
    microkit_irq_ack(TIMER);
    if (++rounds < ROUNDS / 10) {
        start_timer();
        return;
    }
    rounds = 0;
    microkit_notify(CHILD);
}

void notified(microkit_channel ch)
{
    if (ch == ECHO) {
        echoed();
    } else if (ch == TIMER) {
        timer_fired();
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply)
{
    MARK(MARK_END);
    (void)child;
    (void)msginfo;
    if (rounds++ == ROUNDS) {
        seL4_ARM_SMCContext args = {.x0 = PSCI_SYSTEM_OFF};
        seL4_ARM_SMCContext response;

        microkit_arm_smc_call(&args, &response);
    }
    *reply = microkit_msginfo_new(0, 0);
    MARK(MARK_FAULT);
    return seL4_True;
}
