/* SPDX-License-Identifier: BSD-2-Clause */
/* Who gets which SGIs, from whom, when, and what registers show of them meanwhile. */
#include "tests/system/sgi/sgi.h"

#include "bench/mark.h"

#define SGI       5U
#define ROUNDS    1000U
#define STORM     2000U
#define SGIS_USED 8U
#define MOMENT    100 /* us */

static uint64_t take_and_end(unsigned int cpu)
{
    uint64_t iar = ask(cpu, TAKE, 0);

    (void)ask(cpu, END, iar);
    return iar;
}

static void check_taken(const char *name, unsigned int cpu, uint64_t want)
{
    check(name, cpu, take_and_end(cpu), want);
}

static void check_nothing(const char *name)
{
    for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
        check_taken(name, cpu, NOTHING);
    }
}

static void targets(void)
{
    (void)ask(0, SEND, to(1 << 1, SGI));
    check_taken("to another", 1, from(0, SGI));
    (void)ask(2, SEND, to(1 << 0 | 1 << 1, SGI));
    check_taken("to two", 0, from(2, SGI));
    check_taken("to two", 1, from(2, SGI));
    (void)ask(1, SEND, to(1 << 1, SGI));
    check_taken("to itself", 1, from(1, SGI));
    (void)ask(1, SEND, to_others(SGI));
    check_taken("to others", 0, from(1, SGI));
    check_taken("to others", 2, from(1, SGI));
    check_nothing("to others, and nobody else");
}

/* CPUs that there are not, affinities that nobody has, a filter that means nothing. */
static void nobody(void)
{
    (void)ask(0, SEND, to(0, SGI));
    (void)ask(0, SEND, to(1 << 3 | 1 << 7, SGI));
    if (gic_is_v3) {
        (void)ask(0, SEND, to(7, SGI) | 1UL << 16); /* Aff1 */
        (void)ask(0, SEND, to(7, SGI) | 1UL << 32); /* Aff2 */
        (void)ask(0, SEND, to(7, SGI) | 1UL << 48); /* Aff3 */
        (void)ask(0, SEND, to(7, SGI) | 1UL << 44); /* RS */
    } else {
        (void)ask(0, SEND, to(7, SGI) | 3UL << 24);
    }
    check_nothing("to nobody");
    (void)ask(0, SEND, to(0xff, SGI));
    for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
        check_taken("to all that are there, and more", cpu, from(0, SGI));
    }
}

static void two_senders(void)
{
    uint64_t iar;

    (void)ask(2, SEND, to(1 << 1, SGI));
    (void)ask(2, SEND, to(1 << 1, SGI));
    (void)ask(0, SEND, to(1 << 1, SGI));
    iar = take_and_end(1);
    if (gic_is_v3) {
        check("two senders", 1, iar, SGI);
    } else {
        uint64_t second = take_and_end(1);

        check("two senders, the one", 1, iar < second ? iar : second, from(0, SGI));
        check("two senders, the other", 1, iar < second ? second : iar, from(2, SGI));
    }
    check_taken("two senders, no more", 1, NOTHING);
}

static void while_active(void)
{
    uint64_t iar;

    (void)ask(0, SEND, to(1 << 1, SGI));
    iar = ask(1, TAKE, 0);
    (void)ask(2, SEND, to(1 << 1, SGI));
    check("while it is active", 1, ask(1, TAKE, 0), NOTHING);
    (void)ask(1, END, iar);
    wait_us(MOMENT);
    iar = ask(1, TAKE, 0);
    check("when that has ended", 1, iar, from(2, SGI));
    (void)ask(2, SEND, to(1 << 1, SGI));
    (void)ask(1, END, iar);
    wait_us(MOMENT);
    check_taken("from the same, when that has ended", 1, from(2, SGI));
    check_taken("and no more", 1, NOTHING);
}

/* Of another CPU's: a GICv3's redistributor shows it to all, a GICv2's distributor to that one. */
static void pending(void)
{
    uint64_t show = own_frame(1) + (gic_is_v3 ? ISPENDR : SPENDSGIR + SGI);
    uint64_t clear = own_frame(1) + (gic_is_v3 ? ICPENDR : CPENDSGIR + SGI);

    (void)ask(2, SEND, to(1 << 1, SGI));
    wait_us(MOMENT);
    check("shown", 1, ask(1, READ, show), gic_is_v3 ? 1 << SGI : 1 << 2);
    (void)ask(1, CLEAR, clear);
    check("cleared, shown", 1, ask(1, READ, show), 0);
    check_taken("cleared", 1, NOTHING);
    (void)ask(1, CLEAR, show);
    check_taken("set", 1, from(0, SGI));
    while (take_and_end(1) != NOTHING) {
    }
}

static void disabled(void)
{
    if (!gic_is_v3) {
        return; /* there SGIs are enabled always, here */
    }
    (void)ask(1, CLEAR, own_frame(1) + ICENABLER);
    (void)ask(0, SEND, to(1 << 1, SGI));
    check_taken("disabled", 1, NOTHING);
    (void)ask(2, CLEAR, own_frame(1) + ISENABLER);
    wait_us(MOMENT);
    check_taken("enabled again", 1, from(0, SGI));
}

static void asleep(void)
{
    start_asking(1, SLEEP, 0);
    wait_us(MOMENT);
    (void)ask(2, SEND, to(1 << 1, SGI));
    check("asleep", 1, wait_for(1), from(2, SGI));
}

static void off(void)
{
    start_asking(2, OFF, 0);
    wait_us(MOMENT);
    for (unsigned int i = 0; i < 3; i++) {
        (void)ask(0, SEND, to(1 << 2, SGI));
    }
    turn_on(2);
    check_taken("sent while it was off", 2, from(0, SGI));
    check_taken("once", 2, NOTHING);
}

/* None is lost, whatever the other does. */
static void storm(void)
{
    start_asking(1, COUNT, 1);
    for (unsigned int i = 0; i < STORM; i++) {
        (void)ask(0, SEND, to(1 << 1, i % SGIS_USED));
        (void)ask(0, SEND, to(1 << 2, i % SGIS_USED));
    }
    (void)wait_for(1);
    for (unsigned int cpu = 1; cpu < CPUS; cpu++) {
        unsigned int left = 0;

        while (take_and_end(cpu) != NOTHING) {
            left++;
        }
        check("after a storm", cpu, left <= 2 * SGIS_USED, 1); /* taken and pending once more */
    }
    check_nothing("after it");
}

/* One at a time, each taken before the next: counted by who looks for the marks. */
static void measure(void)
{
    start_asking(1, COUNT, ROUNDS);
    wait_us(MOMENT);
    MARK(1);
    for (unsigned int i = 0; i < ROUNDS; i++) {
        (void)ask(0, SEND, to(1 << 1, SGI));
        while (count_of(1) == i) {
            relax();
        }
    }
    MARK(2);
    check("rounds", 1, wait_for(1), ROUNDS);
}

void checks_all(void)
{
    targets();
    nobody();
    two_senders();
    while_active();
    pending();
    disabled();
    asleep();
    off();
    storm();
    measure();
}
