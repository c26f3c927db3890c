/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways to sleep: the second vCPU does nothing but that, the first waits for its timer and looks how
 * much of the time the program below has got.
 */
#include "tests/system/bare/bare.h"
#include "tests/system/bare/shared.h"

#define WINDOW_US     10000UL
#define TICK_US       1000UL
#define POWER_DOWN    0x10000UL
#define ENTRY_NOWHERE 0x40000000UL

struct way {
    const char *name;
    void (*run)(void);
};

static volatile uint64_t wakes;

static void wfi_for_ever(void)
{
    for (;;) {
        wfi();
        wakes++;
    }
}

static void suspend_for_ever(void)
{
    for (;;) {
        (void)smc(PSCI_CPU_SUSPEND, 0, 0, 0);
        wakes++;
    }
}

static void suspend_by_hvc(void)
{
    for (;;) {
        (void)hvc(PSCI_CPU_SUSPEND, 0, 0, 0);
        wakes++;
    }
}

static void power_down(void)
{
    for (;;) {
        (void)smc(PSCI_CPU_SUSPEND, POWER_DOWN, ENTRY_NOWHERE, 0);
        wakes++;
    }
}

static void cpu_off(void)
{
    (void)smc(PSCI_CPU_OFF, 0, 0, 0);
    print("bare: CPU_OFF returns\r\n");
}

/* Its timer is due, and is all that is enabled, if it is; it is not taken away. */
static void timer_is_due(void)
{
    gic_on();
    write_bit(GICD_ISENABLER, TIMER);
    write8(GICD + GICD_IPRIORITYR + TIMER, 0x80);
    set_timer(0);
}

static void disabled(void)
{
    gic_on();
    write_bit(GICD_ICENABLER, TIMER);
    set_timer(0);
    wfi_for_ever();
}

static void masked_by_priority(void)
{
    write32(GICC + GICC_PMR, 0);
    timer_is_due();
    write32(GICC + GICC_PMR, 0);
    wfi_for_ever();
}

static void interface_off(void)
{
    timer_is_due();
    write32(GICC + GICC_CTLR, 0);
    wfi_for_ever();
}

static void suspend_masked_by_priority(void)
{
    timer_is_due();
    write32(GICC + GICC_PMR, 0);
    suspend_for_ever();
}

static void ticks(bool suspends)
{
    gic_on();
    write_bit(GICD_ISENABLER, TIMER);
    write8(GICD + GICD_IPRIORITYR + TIMER, 0x80);
    for (;;) {
        set_timer(now() + TICK_US * ticks_per_us());
        if (suspends) {
            (void)smc(PSCI_CPU_SUSPEND, 0, 0, 0);
        } else {
            wfi();
        }
        end(read32(GICC + GICC_IAR));
        wakes++;
    }
}

static void wfi_ticks(void)
{
    ticks(false);
}

static void suspend_ticks(void)
{
    ticks(true);
}

static const struct way ways[] = {
    {"wfi, nothing enabled", wfi_for_ever},
    {"wfi, a tick each millisecond", wfi_ticks},
    {"wfi, timer due and disabled at the distributor", disabled},
    {"wfi, timer due and masked by priority", masked_by_priority},
    {"wfi, timer due and CPU interface off", interface_off},
    {"suspend, nothing enabled", suspend_for_ever},
    {"suspend by hvc, nothing enabled", suspend_by_hvc},
    {"suspend to power-down, nothing enabled", power_down},
    {"suspend, a tick each millisecond", suspend_ticks},
    {"suspend, timer due and masked by priority", suspend_masked_by_priority},
    {"cpu_off", cpu_off},
};

#define WAY_COUNT (sizeof(ways) / sizeof(ways[0]))

bool sleep_way(uint64_t number)
{
    const volatile struct shared *shared = (const volatile struct shared *)SHARED;
    uint64_t begin;
    uint64_t elapsed;
    uint64_t used;

    if (number >= WAY_COUNT) {
        return false;
    }
    gic_on();
    write_bit(GICD_ISENABLER, TIMER);
    write8(GICD + GICD_IPRIORITYR + TIMER, 0x80);
    start_second(ways[number].run);
    begin = now();
    used = shared->used;
    set_timer(begin + WINDOW_US * ticks_per_us());
    while (now() - begin < WINDOW_US * ticks_per_us()) {
        wfi();
    }
    elapsed = now() - begin;
    used = shared->used - used;
    print("sleep ");
    print(ways[number].name);
    print(": ");
    print_number(used * 100 / elapsed);
    print(" % below, ");
    print_number(wakes);
    print(" wakes\r\n");
    return true;
}
