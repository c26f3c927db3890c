/* SPDX-License-Identifier: BSD-2-Clause */
/* seL4's benchmarking calls, in configurations benchmark and smp-benchmark. */
#ifndef SEL4_BENCHMARK_H
#define SEL4_BENCHMARK_H

#include <kernel/gen_config.h>

#ifdef CONFIG_ENABLE_BENCHMARKS

#include <sel4/benchmark_utilisation_types.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>

/* All accounts start at zero, and are kept from now on … */
static inline seL4_Error seL4_BenchmarkResetLog(void)
{
    return (seL4_Error)sluice_syscall(SLUICE_SYS_BENCHMARK_RESET, 0, 0, 0, 0, 0).x0;
}

/* … until now. The result is the log's size, and there is no log. */
static inline seL4_Word seL4_BenchmarkFinalizeLog(void)
{
    (void)sluice_syscall(SLUICE_SYS_BENCHMARK_FINALIZE, 0, 0, 0, 0, 0);
    return 0;
}

/* Of any TCB that the PD holds. A capability that it does not hold changes nothing. */
static inline void seL4_BenchmarkResetThreadUtilisation(seL4_Word tcb_cptr)
{
    (void)sluice_syscall(SLUICE_SYS_BENCHMARK_RESET_THREAD, tcb_cptr, 0, 0, 0, 0);
}

/* Into the message registers, by benchmark_track_util_ipc_index. */
static inline void seL4_BenchmarkGetThreadUtilisation(seL4_Word tcb_cptr)
{
    (void)sluice_syscall(SLUICE_SYS_BENCHMARK_GET_THREAD, tcb_cptr, 0, 0, 0, 0);
}

/* To the kernel and back. */
static inline void seL4_BenchmarkNullSyscall(void)
{
    (void)sluice_syscall(SLUICE_SYS_BENCHMARK_RESET_THREAD, 0, 0, 0, 0, 0);
}

#endif
#endif
