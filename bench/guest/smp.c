/* SPDX-License-Identifier: BSD-2-Clause */
/* Workloads for all processors at once: as many processes of ours as there are, wherever Linux puts
 * them; or as many threads, one on each. */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
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

#define MAX_PROCESSORS 8

struct hammer {
    pthread_t thread;
    unsigned int processor;
    bool is_alone;
    unsigned long count;
    uint64_t *times;
};

static pthread_barrier_t start;

/* A file descriptor is made and closed: both take the spinlock of the table that it is in, which
 * all threads of a process share, or each has its own of. */
static void *hammer(void *argument)
{
    const struct hammer *self = argument;
    cpu_set_t where;

    CPU_ZERO(&where);
    CPU_SET(self->processor, &where);
    if (sched_setaffinity(0, sizeof(where), &where) != 0 ||
        (self->is_alone && unshare(CLONE_FILES) != 0)) {
        fail("thread");
    }
    (void)pthread_barrier_wait(&start);
    for (unsigned long i = 0; i < self->count; i++) {
        uint64_t begin = nanoseconds();

        if (close(dup(STDIN_FILENO)) != 0) {
            fail("dup");
        }
        self->times[i] = nanoseconds() - begin;
    }
    return NULL;
}

static void work_hammer(unsigned long count, bool is_alone)
{
    static struct hammer hammers[MAX_PROCESSORS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t *times = malloc((size_t)processors * count * sizeof(*times));

    if (times == NULL || processors > MAX_PROCESSORS ||
        pthread_barrier_init(&start, NULL, (unsigned int)processors + 1) != 0) {
        fail("threads");
    }
    for (long i = 0; i < processors; i++) {
        hammers[i] = (struct hammer){.processor = (unsigned int)i,
                                     .is_alone = is_alone,
                                     .count = count,
                                     .times = times + (size_t)i * count};
        if (pthread_create(&hammers[i].thread, NULL, hammer, &hammers[i]) != 0) {
            fail("thread");
        }
    }
    measure_begin();
    if (is_alone) {
        MARK(MARK_SMP_OWN);
    } else {
        MARK(MARK_SMP_LOCK);
    }
    (void)pthread_barrier_wait(&start);
    for (long i = 0; i < processors; i++) {
        (void)pthread_join(hammers[i].thread, NULL);
    }
    measure_end((unsigned long)processors * count, times);
}

void work_smp_lock(unsigned long count)
{
    work_hammer(count, false);
}

void work_smp_own(unsigned long count)
{
    work_hammer(count, true);
}
