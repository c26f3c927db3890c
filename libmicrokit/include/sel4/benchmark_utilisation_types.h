/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What seL4_BenchmarkGetThreadUtilisation() leaves in the message registers, in configurations
 * benchmark and smp-benchmark: times in cycles (PMCCNTR_EL0), and numbers. A thread's time includes
 * the kernel's on its behalf. TOTAL_UTILISATION is the time of the caller's core since the last
 * reset.
 */
#ifndef SEL4_BENCHMARK_UTILISATION_TYPES_H
#define SEL4_BENCHMARK_UTILISATION_TYPES_H

#include <kernel/gen_config.h>

#ifdef CONFIG_BENCHMARK_TRACK_UTILISATION

typedef enum benchmark_util_ipc_index {
    BENCHMARK_TCB_UTILISATION,
    BENCHMARK_TCB_NUMBER_SCHEDULES,
    BENCHMARK_TCB_KERNEL_UTILISATION,
    BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES,
    BENCHMARK_IDLE_LOCALCPU_UTILISATION,
    BENCHMARK_IDLE_TCBCPU_UTILISATION,
    BENCHMARK_TOTAL_UTILISATION,
    BENCHMARK_TOTAL_NUMBER_SCHEDULES,
    BENCHMARK_TOTAL_KERNEL_UTILISATION,
    BENCHMARK_TOTAL_NUMBER_KERNEL_ENTRIES
} benchmark_track_util_ipc_index;

#endif
#endif
