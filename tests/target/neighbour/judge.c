/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stops, resumes, reads, writes and signals those who are below the victim on its core. None of it
 * concerns what that core does, which is not interrupted for it (kernel/sched/sched.c).
 */
#include "tests/target/lib/check.h"
#include "tests/target/neighbour/record.h"

#define WAITS_CHANNEL 1
#define BUSY          2
#define ROUNDS        100

volatile struct record *record = (volatile struct record *)1;

static void stop_and_resume(void)
{
    microkit_pd_stop(BUSY);
    microkit_pd_resume(BUSY);
}

static void move(void)
{
    seL4_UserContext context;

    (void)seL4_TCB_ReadRegisters(BASE_TCB_CAP + BUSY, false, 0, 36, &context);
    (void)seL4_TCB_WriteRegisters(BASE_TCB_CAP + BUSY, false, 0, 36, &context);
}

static void signal(void)
{
    microkit_notify(WAITS_CHANNEL);
}

static void let_the_victim_run(seL4_Word rounds)
{
    seL4_Word end = record->rounds + rounds;

    while (record->rounds < end) {
    }
}

/* A signal that finds it waiting makes it ready once, and there may have been something before. */
static void try(const char *name, void (*attack)(void))
{
    seL4_Word interrupted;

    let_the_victim_run(2);
    interrupted = record->interrupted;
    for (seL4_Word i = 0; i < ROUNDS; i++) {
        attack();
        let_the_victim_run(2);
    }
    check_range(name, record->interrupted - interrupted, 0, 3);
}

void init(void)
{
    while (record->rounds == 0) {
    }
    try("stopping_and_resuming_one_below", stop_and_resume);
    try("reading_and_writing_one_below", move);
    try("signalling_one_below", signal);
    check_done();
}

void notified(microkit_channel ch)
{
    (void)ch;
}
