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

struct shared *shared;

static seL4_Word started;
static seL4_Word rounds;
static seL4_Word latency; /* sum over rounds */
static seL4_Word deadline;

static void put_number(seL4_Word value)
{
    microkit_dbg_put32((seL4_Uint32)value);
}

static void print_result(const char *what, seL4_Word total_ticks, seL4_Word count)
{
    microkit_dbg_puts("BENCH ");
    put_number(total_ticks * INSTRUCTIONS_PER_TICK / count);
    microkit_dbg_puts(" ");
    microkit_dbg_puts(what);
    microkit_dbg_puts("\n");
}

static void measure_calls(const char *what, microkit_channel server, seL4_Uint16 words)
{
    seL4_Word start;

    for (int i = 0; i < 100; i++) {
        (void)microkit_ppcall(server, microkit_msginfo_new(0, words));
    }
    start = ticks();
    for (int i = 0; i < ROUNDS; i++) {
        for (seL4_Uint8 word = 0; word < words; word++) {
            microkit_mr_set(word, word);
        }
        (void)microkit_ppcall(server, microkit_msginfo_new(0, words));
    }
    print_result(what, ticks() - start, ROUNDS);
}

static void measure_notify(void)
{
    seL4_Word total = 0;

    for (int i = 0; i < ROUNDS; i++) {
        seL4_Word start = ticks();

        microkit_notify(ECHO);
        total += shared->ran_at - start;
    }
    print_result("notify a higher priority, until it runs", total, ROUNDS);
}

static void start_timer(void)
{
    deadline = ticks() + 1000;
    __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
                     :
                     : "r"(deadline), "r"(1UL));
}

void init(void)
{
    measure_calls("call an active server and back, empty", ACTIVE, 0);
    measure_calls("call an active server and back, 4 words", ACTIVE, 4);
    measure_calls("call a passive server and back, empty", PASSIVE, 0);
    measure_calls("call a passive server and back, 4 words", PASSIVE, 4);
    measure_notify();
    shared->answer = 1;
    microkit_notify(ECHO);
    started = ticks();
}

static void echoed(void)
{
    if (++rounds < ROUNDS) {
        microkit_notify(ECHO);
        return;
    }
    print_result("notification there and back", ticks() - started, ROUNDS);
    rounds = 0;
    start_timer();
}

static void timer_fired(void)
{
    latency += ticks() - deadline;
    __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb");
    microkit_irq_ack(TIMER);
    if (++rounds < ROUNDS / 10) {
        start_timer();
        return;
    }
    print_result("interrupt until notified()", latency, ROUNDS / 10);
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
    (void)child;
    (void)msginfo;
    if (rounds++ == 0) {
        started = ticks();
    } else if (rounds > ROUNDS) {
        seL4_ARM_SMCContext args = {.x0 = PSCI_SYSTEM_OFF};
        seL4_ARM_SMCContext response;

        print_result("a child's fault and its answer", ticks() - started, ROUNDS);
        microkit_arm_smc_call(&args, &response);
    }
    *reply = microkit_msginfo_new(0, 0);
    return seL4_True;
}
