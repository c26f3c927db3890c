/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets the workers their tasks, one step after the other, and judges what comes back. */
#include "tests/target/lib/check.h"
#include "tests/target/smp/record.h"

#define ENTRY     0x200000UL
#define ROUNDS    500
#define STACK_TOP 0xffffffe000UL
#define ALL       ((1UL << (WORKERS + 1)) - 2)

struct record *record;

static seL4_Word echoes;
static seL4_Word done;
static seL4_Word faults;

static void start_all(enum task task)
{
    done = 0;
    for (microkit_channel worker = 1; worker <= WORKERS; worker++) {
        record->task[worker] = task;
        microkit_notify(worker);
    }
}

/* A worker that counts: stopped it stands still, resumed it goes on, restarted it takes orders. */
static void check_stop_and_resume(microkit_channel worker)
{
    seL4_UserContext context;
    seL4_Word before;

    record->task[worker] = TASK_SPIN;
    microkit_notify(worker);
    while (record->counter[worker] < 1000) {
    }
    check("registers of a program that runs elsewhere can be read",
          seL4_TCB_ReadRegisters(BASE_TCB_CAP + worker, seL4_False, 0, 36, &context) == 0 &&
              context.pc >= ENTRY && context.pc < ENTRY + 0x10000);
    microkit_pd_stop(worker);
    before = record->counter[worker];
    spin(milliseconds(20));
    check_equal("a stopped program on another core stands still", record->counter[worker], before);
    microkit_pd_resume(worker);
    while (record->counter[worker] == before) {
    }
    check("a resumed program on another core goes on", true);
    record->task[worker] = TASK_ECHO;
    microkit_pd_restart(worker, ENTRY);
    before = record->counter[worker];
    spin(milliseconds(20));
    check("a restarted program has left its loop", record->counter[worker] <= before + 1);
}

/* With a stack that is empty again: a restart leaves SP where it was. */
static void restart_afresh(microkit_channel worker)
{
    seL4_UserContext context;

    context.pc = ENTRY;
    context.sp = STACK_TOP;
    expect_equal("restart",
                 seL4_TCB_WriteRegisters(BASE_TCB_CAP + worker, seL4_True, 0, 2, &context), 0);
}

/* Stops and restarts land at every point of the programs' system calls. */
static void check_hammering(void)
{
    for (unsigned int i = 0; i < 300; i++) {
        for (microkit_channel worker = 1; worker <= WORKERS; worker++) {
            record->task[worker] = TASK_CALLS;
            microkit_notify(worker);
        }
        spin(500 + i * 37);
        for (microkit_channel worker = 1; worker <= WORKERS; worker++) {
            microkit_pd_stop(worker);
            restart_afresh(worker);
        }
    }
    check("restarts during calls are survived", true);
}

void init(void)
{
    start_all(TASK_ECHO);
}

static void finish(void)
{
    check_equal("every fault on another core came, once", faults, WORKERS);
    check_done();
}

/* What comes after all workers have done a task. */
static void next_step(void)
{
    static unsigned int step;

    if (step == 0 && ++echoes < ROUNDS) {
        start_all(TASK_ECHO);
        return;
    }
    switch (step++) {
    case 0:
        check_equal("signals there and back between cores", echoes, ROUNDS);
        start_all(TASK_CALLS);
        break;
    case 1:
        check_equal("active server served three cores", record->served[0], CALLS * WORKERS);
        check_equal("passive server served three cores", record->served[1], CALLS * WORKERS);
        check_equal("all calls arrived whole", record->wrong_calls[0] + record->wrong_calls[1], 0);
        check_equal("and were answered right",
                    record->wrong[1] + record->wrong[2] + record->wrong[3], 0);
        for (microkit_channel worker = 1; worker <= WORKERS; worker++) {
            check_stop_and_resume(worker);
        }
        check_hammering();
        start_all(TASK_ECHO);
        break;
    case 2:
        check("all are alive after that", true);
        start_all(TASK_FAULT);
        break;
    default:
        finish();
    }
}

void notified(microkit_channel ch)
{
    done |= 1UL << ch;
    if (done == ALL) {
        next_step();
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply)
{
    seL4_UserContext context;

    check_equal("a fault on another core is a VMFault", microkit_msginfo_get_label(msginfo),
                seL4_Fault_VMFault);
    check_equal("with its address", microkit_mr_get(seL4_VMFault_Addr), 0x66660000);
    faults++;
    context.pc = microkit_mr_get(seL4_VMFault_IP) + 4; /* past the store: it answers, then */
    check("its pc can be moved",
          seL4_TCB_WriteRegisters(BASE_TCB_CAP + child, seL4_False, 0, 1, &context) == 0);
    *reply = microkit_msginfo_new(0, 0);
    return seL4_True;
}
