/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `bench WORKLOAD COUNT [PORT]` in a Linux guest: does the work and prints one line,
 *
 *   bench: WORKLOAD count=N ns=TIME [low=TIME median=TIME longest=TIME] irq:NAME=INTERRUPTS...
 *
 * low being a tenth of the way from the shortest to the longest of N times, the median half of it,
 * with the interrupts that came meanwhile, by the last word of their lines in /proc/interrupts. On
 * a machine with bench/plugin/count.c the work is between two marks. `bench seed` is no workload,
 * and prints nothing.
 */
#include "bench/guest/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINES     64
#define NAME_SIZE 48

struct interrupts {
    unsigned int count;
    char names[LINES][NAME_SIZE];
    unsigned long counts[LINES];
};

static const char *workload;
static struct interrupts before;
static struct interrupts after;
static uint64_t begin;

_Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench: %s: %s: %s\n", workload, what, strerror(errno));
    exit(EXIT_FAILURE);
}

uint64_t nanoseconds(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        fail("clock_gettime");
    }
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* "NUMBER: COUNT COUNT... controller and type NAME", a count for each processor. */
static void add_line(struct interrupts *interrupts, char *line)
{
    char *end;
    unsigned long number = strtoul(line, &end, 10);
    unsigned long sum = 0;
    char *word;
    char *name = NULL;

    (void)number;
    if (end == line || *end != ':' || interrupts->count == LINES) {
        return; /* the heading, or interrupts between processors */
    }
    for (word = strtok(end + 1, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        unsigned long value = strtoul(word, &end, 10);

        if (name == NULL && *end == '\0') {
            sum += value;
        } else {
            name = word;
        }
    }
    if (name != NULL) {
        (void)snprintf(interrupts->names[interrupts->count], NAME_SIZE, "%s", name);
        interrupts->counts[interrupts->count++] = sum;
    }
}

static void read_interrupts(struct interrupts *interrupts)
{
    char line[512];
    FILE *file = fopen("/proc/interrupts", "r");

    if (file == NULL) {
        fail("/proc/interrupts");
    }
    interrupts->count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        add_line(interrupts, line);
    }
    (void)fclose(file);
}

void measure_begin(void)
{
    read_interrupts(&before);
    begin = nanoseconds();
}

static int compare(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;

    return first < second ? -1 : first > second;
}

void measure_end(unsigned long count, uint64_t *times)
{
    uint64_t end;

    MARK(MARK_END);
    end = nanoseconds();
    read_interrupts(&after);
    printf("bench: %s count=%lu ns=%llu", workload, count, (unsigned long long)(end - begin));
    if (times != NULL && count != 0) {
        qsort(times, count, sizeof(times[0]), compare);
        printf(" low=%llu median=%llu longest=%llu", (unsigned long long)times[count / 10],
               (unsigned long long)times[count / 2], (unsigned long long)times[count - 1]);
    }
    for (unsigned int i = 0; i < after.count && i < before.count; i++) {
        if (after.counts[i] != before.counts[i]) {
            printf(" irq:%s=%lu", after.names[i], after.counts[i] - before.counts[i]);
        }
    }
    putchar('\n');
}

static const struct {
    const char *name;
    void (*work)(unsigned long count);
    void (*talk)(unsigned long count, unsigned int port);
} workloads[] = {
    {"cpu", work_cpu, NULL},
    {"pages", work_pages, NULL},
    {"block-sequential", work_block_sequential, NULL},
    {"block-random", work_block_random, NULL},
    {"block-large", work_block_large, NULL},
    {"spawn", work_spawn, NULL},
    {"smp-spawn", work_smp_spawn, NULL},
    {"smp-sum", work_smp_sum, NULL},
    {"smp-lock", work_smp_lock, NULL},
    {"smp-own", work_smp_own, NULL},
    {"timer", work_timer, NULL},
    {"idle", work_idle, NULL},
    {"seed", work_seed, NULL},
    {"tcp-out", NULL, net_tcp_out},
    {"tcp-in", NULL, net_tcp_in},
    {"ping", net_ping, NULL},
};

/* A whole argument that is a number from 1 on. */
static unsigned long number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || value == 0) {
        errno = EINVAL;
        fail(text);
    }
    return value;
}

int main(int argc, char **argv)
{
    workload = argc > 1 ? argv[1] : "";
    if (strcmp(workload, "nothing") == 0) { /* what work_spawn() spawns */
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
        if (strcmp(workload, workloads[i].name) != 0) {
            continue;
        }
        if (argc == 3 && workloads[i].work != NULL) {
            workloads[i].work(number(argv[2]));
            return EXIT_SUCCESS;
        }
        if (argc == 4 && workloads[i].talk != NULL) {
            workloads[i].talk(number(argv[2]), (unsigned int)number(argv[3]));
            return EXIT_SUCCESS;
        }
    }
    fprintf(stderr, "usage: bench WORKLOAD COUNT [PORT]; workloads:");
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
        fprintf(stderr, " %s", workloads[i].name);
    }
    fputc('\n', stderr);
    return 2;
}
