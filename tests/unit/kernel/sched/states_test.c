/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The states of a thread and what may happen to it in each: the whole table, every cell of it
 * tried, with budget left and without. `kernel_states --table` prints it for docs/threads.md, which
 * tests/unit/test_states.py compares.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/fault.h"
#include "kernel/ipc/notify.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/trap.h"

#define CPU     (&cpus[0])
#define SUBJECT (&pds[0]) /* a child of: */
#define PARENT  (&pds[1])
#define OTHER   (&pds[2]) /* whom it calls */
#define VCPU    (&vcpus[0])

#define BUDGET 1000
#define PERIOD 10000
#define TIMER  500 /* when the timer of one that sleeps fires */

enum state {
    NONE, /* there is no such cell */
    STOPPED,
    STOPPED_RECEIVING,
    STOPPED_CALLING,
    RUNNABLE,
    RECEIVING,
    CALLING,
    CALLED,
    FAULTING,
    FAULTED,
    IDLE,
    DEPLETED,
    STATE_COUNT
};

static const char *const state_names[STATE_COUNT] = {
    [NONE] = "-",
    [STOPPED] = "stopped",
    [STOPPED_RECEIVING] = "stopped, received",
    [STOPPED_CALLING] = "stopped, called",
    [RUNNABLE] = "runnable",
    [RECEIVING] = "receiving",
    [CALLING] = "calling",
    [CALLED] = "called",
    [FAULTING] = "faulting",
    [FAULTED] = "faulted",
    [IDLE] = "idle",
    [DEPLETED] = "depleted",
};

enum event {
    SUSPEND,
    RESUME,
    RESTART,
    SIGNAL,
    MESSAGE,
    TAKEN,
    ANSWER,
    INTERRUPT,
    DEADLINE,
    EXIT,
    EVENT_COUNT
};

static const char *const event_names[EVENT_COUNT] = {
    [SUSPEND] = "suspend",  [RESUME] = "resume",       [RESTART] = "restart",
    [SIGNAL] = "signal",    [MESSAGE] = "message",     [TAKEN] = "taken",
    [ANSWER] = "answer",    [INTERRUPT] = "interrupt", [DEADLINE] = "deadline",
    [EXIT] = "kernel exit",
};

struct row {
    bool is_vcpu;
    enum state from;
    enum state to[EVENT_COUNT];
};

/* Where one would become RUNNABLE without budget it becomes DEPLETED. */
static const struct row table[] = {
    /*                          suspend            resume     restart   signal             message
                                taken              answer     interrupt deadline           exit */
    {false,
     STOPPED,
     {STOPPED, RUNNABLE, RUNNABLE, STOPPED, STOPPED, NONE, NONE, NONE, NONE, STOPPED}},
    {false,
     STOPPED_RECEIVING,
     {STOPPED_RECEIVING, RECEIVING, RUNNABLE, STOPPED_RECEIVING, STOPPED_RECEIVING, NONE, NONE,
      NONE, NONE, STOPPED_RECEIVING}},
    {false,
     STOPPED_CALLING,
     {STOPPED_CALLING, CALLING, RUNNABLE, STOPPED_CALLING, STOPPED_CALLING, NONE, NONE, NONE, NONE,
      STOPPED_CALLING}},
    {false,
     RUNNABLE,
     {STOPPED, RUNNABLE, RUNNABLE, RUNNABLE, RUNNABLE, NONE, NONE, NONE, NONE, RUNNABLE}},
    {false,
     RECEIVING,
     {STOPPED_RECEIVING, RECEIVING, RUNNABLE, RUNNABLE, RUNNABLE, NONE, NONE, NONE, NONE,
      RECEIVING}},
    {false,
     CALLING,
     {STOPPED_CALLING, CALLING, RUNNABLE, CALLING, CALLING, CALLED, NONE, NONE, NONE, CALLING}},
    {false,
     CALLED,
     {STOPPED_CALLING, CALLING, RUNNABLE, CALLED, CALLED, NONE, RUNNABLE, NONE, NONE, CALLED}},
    {false,
     FAULTING,
     {STOPPED, RUNNABLE, RUNNABLE, FAULTING, FAULTING, FAULTED, NONE, NONE, NONE, FAULTING}},
    {false,
     FAULTED,
     {STOPPED, RUNNABLE, RUNNABLE, FAULTED, FAULTED, NONE, RUNNABLE, NONE, NONE, FAULTED}},
    {false,
     DEPLETED,
     {STOPPED, DEPLETED, RUNNABLE, DEPLETED, DEPLETED, NONE, NONE, NONE, RUNNABLE, DEPLETED}},
    {true, STOPPED, {STOPPED, RUNNABLE, RUNNABLE, NONE, NONE, NONE, NONE, STOPPED, NONE, STOPPED}},
    {true,
     RUNNABLE,
     {STOPPED, RUNNABLE, RUNNABLE, NONE, NONE, NONE, NONE, RUNNABLE, NONE, RUNNABLE}},
    {true,
     FAULTING,
     {STOPPED, RUNNABLE, RUNNABLE, NONE, NONE, FAULTED, NONE, FAULTING, NONE, FAULTING}},
    {true,
     FAULTED,
     {STOPPED, RUNNABLE, RUNNABLE, NONE, NONE, NONE, RUNNABLE, FAULTED, NONE, FAULTED}},
    {true, IDLE, {STOPPED, RUNNABLE, RUNNABLE, NONE, NONE, NONE, NONE, RUNNABLE, RUNNABLE, IDLE}},
    {true,
     DEPLETED,
     {STOPPED, DEPLETED, RUNNABLE, NONE, NONE, NONE, NONE, DEPLETED, RUNNABLE, DEPLETED}},
};

#define ROWS (sizeof(table) / sizeof(table[0]))

static struct thread *subject(const struct row *row)
{
    return row->is_vcpu ? &VCPU->thread : &SUBJECT->thread;
}

static void spend(struct thread *thread)
{
    budget_charge(&thread->own, host.counter, BUDGET);
}

static void call(struct pd *from, struct pd *to)
{
    from->thread.message.info = 0;
    from->thread.message.badge = ABI_BADGE_ENDPOINT;
    from->thread.message.is_fault = false;
    endpoint_send(&from->thread, to);
}

/* The thread, which runs, comes to `state`. Whom it calls, or who handles its faults, has not taken
 * that yet if the state says so. */
static void bring_to(struct thread *thread, enum state state)
{
    switch (state) {
    case RECEIVING:
    case STOPPED_RECEIVING:
        endpoint_receive(SUBJECT);
        break;
    case CALLING:
    case CALLED:
    case STOPPED_CALLING:
        call(SUBJECT, OTHER);
        break;
    case FAULTING:
    case FAULTED:
        fault_one_word(thread, ABI_FAULT_VCPU, 0);
        break;
    case IDLE:
        host.virtual_control = 1;
        host.virtual_deadline = TIMER;
        exit_sync(CPU, VCPU, 0x01UL << 26 | 1UL << 25);
        break;
    case DEPLETED:
        spend(thread);
        (void)system_run_next();
        break;
    default:
        break;
    }
    if (state == STOPPED || state == STOPPED_RECEIVING || state == STOPPED_CALLING) {
        endpoint_suspend(thread);
    }
}

/* PARENT and OTHER wait from the beginning if they are to take what comes, and are busy below the
 * subject otherwise. */
static void begin(const struct row *row)
{
    struct thread *thread = subject(row);
    bool is_taken = row->from == CALLED || row->from == FAULTED;
    void *state = NULL;

    (void)system_setup(&state);
    budget_init(&thread->own, BUDGET, PERIOD);
    if (row->is_vcpu) {
        sched_remove(&SUBJECT->thread, THREAD_STOPPED);
        endpoint_resume(thread);
    }
    if (is_taken) {
        endpoint_receive(PARENT);
        endpoint_receive(OTHER);
    } else {
        endpoint_suspend(&PARENT->thread);
        endpoint_suspend(&OTHER->thread);
    }
    assert_ptr_equal(system_run_next(), thread);
    bring_to(thread, row->from);
}

static void take_message(struct pd *pd)
{
    if (pd->thread.state == THREAD_STOPPED) {
        pd->thread.resume = THREAD_RESUME_RECEIVE;
        endpoint_resume(&pd->thread);
    }
}

/* One that has nothing to do with it yet. */
static void send_to_subject(struct pd *from)
{
    if (from->thread.state == THREAD_RECEIVING) {
        notify_signal(from, 1);
    } else {
        endpoint_resume(&from->thread);
    }
    call(from, SUBJECT);
}

static void happen(const struct row *row, enum event event)
{
    struct thread *thread = subject(row);
    struct pd *peer = row->from == CALLING || row->from == CALLED ? OTHER : PARENT;

    switch (event) {
    case SUSPEND:
        endpoint_suspend(thread);
        break;
    case RESTART:
        endpoint_suspend(thread);
        thread->resume = THREAD_RESUME_RUN; /* its pc is written */
        endpoint_resume(thread);
        break;
    case RESUME:
        endpoint_resume(thread);
        break;
    case SIGNAL:
        notify_signal(SUBJECT, 1);
        break;
    case MESSAGE:
        send_to_subject(peer == OTHER ? PARENT : OTHER);
        break;
    case TAKEN:
        take_message(peer);
        break;
    case ANSWER:
        endpoint_reply(peer, 0);
        break;
    case INTERRUPT:
        inject_irq(VCPU, (struct gic_virq){.intid = 79, .priority = 20}, 0);
        break;
    case DEADLINE:
        host.counter = thread->wake.deadline;
        fake_gic.pending = gic_intids.hyp_timer;
        interrupt_handle(CPU);
        break;
    case EXIT:
    case EVENT_COUNT:
        (void)system_run_next();
        break;
    }
}

static enum state look(const struct thread *thread)
{
    switch (thread->state) {
    case THREAD_STOPPED:
        return thread->resume == THREAD_RESUME_RECEIVE ? STOPPED_RECEIVING
               : thread->resume == THREAD_RESUME_CALL  ? STOPPED_CALLING
                                                       : STOPPED;
    case THREAD_RUNNABLE:
        return RUNNABLE;
    case THREAD_RECEIVING:
        return RECEIVING;
    case THREAD_SENDING:
        return thread->message.is_fault ? FAULTING : CALLING;
    case THREAD_REPLY:
        return thread->message.is_fault ? FAULTED : CALLED;
    case THREAD_IDLE:
        return IDLE;
    case THREAD_DEPLETED:
        return DEPLETED;
    }
    return NONE;
}

/* It is where one in its state is, and nowhere else. */
static void check_places(struct thread *thread)
{
    bool is_queued = !list_is_empty(&thread->link);
    bool is_chosen = CPU->chosen == thread || CPU->preempted == thread;

    assert_int_equal(thread->state == THREAD_RUNNABLE,
                     is_chosen || (is_queued && thread->state != THREAD_SENDING));
    assert_int_equal(thread->state == THREAD_SENDING,
                     is_queued && !is_chosen && thread->state != THREAD_RUNNABLE);
    assert_false(is_queued && is_chosen);
    if (!list_is_empty(&thread->wake.link)) {
        assert_true(thread->state == THREAD_IDLE || thread->state == THREAD_DEPLETED);
    }
    assert_true(thread->state != THREAD_DEPLETED || !list_is_empty(&thread->wake.link));
    assert_int_equal(PARENT->reply_to == thread || OTHER->reply_to == thread,
                     thread->state == THREAD_REPLY);
}

static enum state expect(const struct row *row, enum event event, bool is_spent)
{
    enum state to = row->to[event];
    bool is_added = row->from != RUNNABLE || event == RESTART || event == EXIT;

    if (event == DEADLINE && row->from == DEPLETED) {
        return to; /* that is when it has budget again */
    }
    return is_spent && to == RUNNABLE && is_added ? DEPLETED : to;
}

static void try_cell(const struct row *row, enum event event, bool is_spent)
{
    struct thread *thread = subject(row);
    enum state found;

    begin(row);
    assert_int_equal(look(thread), row->from);
    check_places(thread);
    if (is_spent) {
        spend(thread);
    }
    happen(row, event);
    found = look(thread);
    if (found != expect(row, event, is_spent)) {
        fail_msg("%s, %s, %s%s: expected %s, found %s", row->is_vcpu ? "vCPU" : "PD",
                 state_names[row->from], event_names[event], is_spent ? " without budget" : "",
                 state_names[expect(row, event, is_spent)], state_names[found]);
    }
    check_places(thread);
}

static void every_cell_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        for (enum event event = 0; event < EVENT_COUNT; event++) {
            if (table[i].to[event] != NONE) {
                /* One that is depleted has spent all, whatever the second time says. */
                try_cell(&table[i], event, table[i].from == DEPLETED);
                try_cell(&table[i], event, true);
            }
        }
    }
}

static void print_table(void)
{
    printf("| | state |");
    for (enum event event = 0; event < EVENT_COUNT; event++) {
        printf(" %s |", event_names[event]);
    }
    printf("\n|---|---|");
    for (enum event event = 0; event < EVENT_COUNT; event++) {
        printf("---|");
    }
    printf("\n");
    for (size_t i = 0; i < ROWS; i++) {
        printf("| %s | %s |", table[i].is_vcpu ? "vCPU" : "PD", state_names[table[i].from]);
        for (enum event event = 0; event < EVENT_COUNT; event++) {
            bool is_same = table[i].to[event] == table[i].from;

            printf(" %s |", is_same ? "·" : state_names[table[i].to[event]]);
        }
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_cell_of_the_table)};

    if (argc == 2 && strcmp(argv[1], "--table") == 0) {
        print_table();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
