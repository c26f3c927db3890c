/* SPDX-License-Identifier: BSD-2-Clause */
/* Workloads for all processors at once: as many processes of ours as there are, wherever Linux puts
 * them. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/guest/bench.h"

/* Each of the processes does `work` `count` times. */
static void on_all(unsigned long count, void (*work)(void))
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int status;

    for (long i = 0; i < processors; i++) {
        pid_t child = fork();

        if (child < 0) {
            fail("process");
        }
        for (unsigned long k = 0; child == 0 && k < count; k++) {
            work();
        }
        if (child == 0) {
            _exit(EXIT_SUCCESS);
        }
    }
    for (long i = 0; i < processors; i++) {
        if (wait(&status) < 0 || status != 0) {
            fail("process");
        }
    }
}

/* As a build: process after process that does little. */
void work_smp_spawn(unsigned long count)
{
    measure_begin();
    MARK(MARK_SMP_SPAWN);
    on_all(count, spawn);
    measure_end(count, NULL);
}

static void sum(void)
{
    if (system("head -c 1048576 /dev/zero | md5sum > /dev/null") != 0) {
        fail("md5sum");
    }
}

void work_smp_sum(unsigned long count)
{
    measure_begin();
    MARK(MARK_SMP_SUM);
    on_all(count, sum);
    measure_end(count, NULL);
}
