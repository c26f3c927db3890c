/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The workloads of bench.c. Each prepares what is not to be measured, calls measure_begin(), works,
 * and calls measure_end(), which prints the result; each ends the program with fail() if it cannot.
 * `count` is how often it does its work.
 */
#ifndef SLUICE_BENCH_GUEST_BENCH_H
#define SLUICE_BENCH_GUEST_BENCH_H

#include <stdint.h>

#include "bench/mark.h"

/* Marks (bench/mark.h): each workload begins with its own, and all end with 0. bench/workloads.py
 * has them, too. */
enum {
    MARK_END,
    MARK_CPU,
    MARK_PAGES,
    MARK_BLOCK_SEQUENTIAL,
    MARK_BLOCK_RANDOM,
    MARK_SPAWN,
    MARK_TIMER,
    MARK_IDLE,
    MARK_TCP_OUT,
    MARK_TCP_IN,
    MARK_PING,
    MARK_BLOCK_LARGE,
    MARK_SMP_SPAWN,
    MARK_SMP_SUM,
    MARK_SMP_LOCK,
    MARK_SMP_OWN,
};

/* Where QEMU's user network has the machine that runs QEMU, and answers pings. */
#define HOST_ADDRESS "10.0.2.2"

/* Takes interrupt counts, and the time last. The workload's MARK() comes next. */
void measure_begin(void);

/* The first thing after the work. Prints a line, with low, median and the longest of `count` times.
 */
void measure_end(unsigned long count, uint64_t *times);

uint64_t nanoseconds(void);
_Noreturn void fail(const char *what);

void work_cpu(unsigned long count);
void work_pages(unsigned long count);
void work_block_sequential(unsigned long count);
void work_block_random(unsigned long count);
void work_block_large(unsigned long count);
void work_spawn(unsigned long count);
void work_timer(unsigned long count);
void work_idle(unsigned long count);

/* A process is made, filled with this program, and waited for. */
void spawn(void);

/* On all processors at once; `count` is of each. */
void work_smp_spawn(unsigned long count);
void work_smp_sum(unsigned long count);
void work_smp_lock(unsigned long count);
void work_smp_own(unsigned long count);

/* Gives the guest's kernel `count` bytes for its random numbers, to be taken as random. */
void work_seed(unsigned long count);

/* `port`: of the server on the host (bench/server.py). */
void net_tcp_out(unsigned long count, unsigned int port);
void net_tcp_in(unsigned long count, unsigned int port);
void net_ping(unsigned long count);

#endif
