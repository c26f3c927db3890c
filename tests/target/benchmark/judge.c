/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's accounts of a core with a busy child, and of an idle one; the PMU at EL0. */
#include <sel4/benchmark_track_types.h>
#include <sel4/benchmark_utilisation_types.h>

#include "tests/target/lib/check.h"

#define TIMER     1
#define BUSY      (BASE_TCB_CAP + 1)
#define SPAN      milliseconds(30)
#define NO_CAP    0x123456UL
#define ENTRIES   100
#define UNTOUCHED 77

static unsigned int phase;

static seL4_Word account(seL4_Word cap, benchmark_track_util_ipc_index index)
{
    seL4_BenchmarkGetThreadUtilisation(cap);
    return microkit_mr_get((seL4_Uint8)index);
}

static seL4_Word cycles(void)
{
    seL4_Word value;

    __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(value) : : "memory");
    return value;
}

static void begin(void)
{
    check_equal("reset", seL4_BenchmarkResetLog(), seL4_NoError);
    seL4_BenchmarkResetThreadUtilisation(BUSY);
    timer_start(SPAN);
}

static void end(void)
{
    timer_stop();
    microkit_irq_ack(TIMER);
    (void)seL4_BenchmarkFinalizeLog();
}

static void check_pmu(void)
{
    seL4_Word before = cycles();
    seL4_Word control;

    spin(milliseconds(1));
    check("cycles_count", cycles() > before);
    __asm__ volatile("mrs %0, pmcr_el0" : "=r"(control));
    check("pmu_is_on", (control & 1) != 0);
}

static void check_entries(void)
{
    seL4_Word before = account(TCB_CAP, BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES);

    for (int i = 0; i < ENTRIES; i++) {
        seL4_BenchmarkNullSyscall();
    }
    check_range("own_kernel_entries",
                account(TCB_CAP, BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES) - before, ENTRIES,
                ENTRIES + 10);
    check("own_kernel_time", account(TCB_CAP, BENCHMARK_TCB_KERNEL_UTILISATION) > 0);
    check("total_kernel_entries",
          account(TCB_CAP, BENCHMARK_TOTAL_NUMBER_KERNEL_ENTRIES) >= ENTRIES);
}

static void check_busy(void)
{
    seL4_Word total = account(BUSY, BENCHMARK_TOTAL_UTILISATION);

    check("total_is_time", total > 0);
    check_range("busy_has_the_core", account(BUSY, BENCHMARK_TCB_UTILISATION), total / 10 * 8,
                total);
    check("busy_was_scheduled", account(BUSY, BENCHMARK_TCB_NUMBER_SCHEDULES) > 0);
    check_range("core_is_not_idle", account(BUSY, BENCHMARK_IDLE_LOCALCPU_UTILISATION), 0,
                total / 20);
}

static void check_idle(void)
{
    seL4_Word total = account(BUSY, BENCHMARK_TOTAL_UTILISATION);

    check_equal("stopped_has_none", account(BUSY, BENCHMARK_TCB_UTILISATION), 0);
    check_range("core_is_idle", account(BUSY, BENCHMARK_IDLE_LOCALCPU_UTILISATION), total / 10 * 8,
                total);
    check_equal("its_core_is_this_one", account(BUSY, BENCHMARK_IDLE_TCBCPU_UTILISATION),
                account(BUSY, BENCHMARK_IDLE_LOCALCPU_UTILISATION));
}

void init(void)
{
    check_pmu();
    microkit_mr_set(0, UNTOUCHED);
    check_equal("bad_cap_changes_nothing", account(NO_CAP, BENCHMARK_TCB_UTILISATION), UNTOUCHED);
    begin();
    check_entries();
}

void notified(microkit_channel ch)
{
    check_equal("it_is_the_timer", ch, TIMER);
    end();
    if (phase++ == 0) {
        check_busy();
        microkit_pd_stop(1);
        begin();
        return;
    }
    check_idle();
    check_done();
}
