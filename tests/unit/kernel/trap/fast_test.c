/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way of a system call is no second semantics: random programs make the same calls on a
 * kernel that may take it and on one that may not, and all that a program or the scheduler could
 * see is compared after each call.
 */
#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/irq/route.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/trap.h"

#define CPU     (&cpus[0])
#define INTID   40
#define STEPS   400
#define SYSTEMS 200

#define SYNDROME_SVC   (0x15UL << 26 | 1UL << 25)
#define SYNDROME_ABORT (0x24UL << 26 | 1UL << 25)

/* Whose turn it is, and what each thread has and waits for. */
struct view {
    unsigned int chosen;
    int top;
    struct {
        uint64_t pc, x0, x1, info, badge, notification, word0, word1;
        int state, reply_to, peer, payer;
        unsigned int place; /* in the order in which its priority's threads would run */
    } thread[3];
};

static struct view views[STEPS];
static uint32_t random_state;
static unsigned int fast_count;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (random_state >> 8) % limit;
}

static int index_of(const void *thread)
{
    for (int i = 0; i < 3; i++) {
        if (thread == &pds[i]) {
            return i;
        }
    }
    return -1;
}

static int payer_of(const struct pd *pd)
{
    for (int i = 0; i < 3; i++) {
        if (pd->thread.payer == &pds[i].thread.own) {
            return i;
        }
    }
    return -1;
}

static void connect(unsigned int from, unsigned int id, unsigned int to, unsigned int peer_id,
                    uint8_t rights)
{
    struct image_pd *desc = (struct image_pd *)(uintptr_t)pds[from].desc;

    desc->channels[id] = (struct image_channel){.kind = IMAGE_CHANNEL_PD,
                                                .rights = rights,
                                                .peer_id = (uint8_t)peer_id,
                                                .target = (uint16_t)to};
}

/* Clients and servers, passive or not, with budgets or not; an interrupt; a guest below all. */
static void make_system(void)
{
    static const struct image_irq irq = {.intid = INTID, .pd = 1, .channel = 9};
    bool is_passive = random_below(2) == 0;
    bool is_limited = random_below(3) == 0;
    struct image_pd *desc;

    (void)system_setup(NULL);
    connect(0, 0, 1, 0, IMAGE_CHANNEL_NOTIFY | IMAGE_CHANNEL_CALL);
    connect(1, 0, 0, 0, IMAGE_CHANNEL_NOTIFY);
    connect(0, 1, 2, 1, IMAGE_CHANNEL_NOTIFY | IMAGE_CHANNEL_CALL);
    connect(2, 1, 0, 1, IMAGE_CHANNEL_NOTIFY);
    connect(1, 2, 2, 2, IMAGE_CHANNEL_NOTIFY | IMAGE_CHANNEL_CALL);
    connect(2, 2, 1, 2, IMAGE_CHANNEL_NOTIFY);
    desc = (struct image_pd *)(uintptr_t)pds[1].desc;
    desc->channels[9] = (struct image_channel){.kind = IMAGE_CHANNEL_IRQ, .target = 0};
    route_init(&irq, 1);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    pds[2].thread.priority = (uint8_t)(20 + random_below(3));
    sched_add(&pds[2].thread);
    if (is_passive) {
        desc = (struct image_pd *)(uintptr_t)pds[2].desc;
        desc->flags |= IMAGE_PD_PASSIVE;
    }
    endpoint_resume(&vcpus[0].thread);
    list_remove(&vcpus[0].thread.ward); /* it outlives its VMM here: somebody has to run */
    if (is_limited) {
        budget_init(&pds[random_below(3)].thread.own, 500, 1000);
    }
}

/* Any call with any arguments, mostly ones that mean something. */
static void choose_call(struct arch_frame *frame)
{
    static const uint64_t caps[] = {
        ABI_CAP_NOTIFICATION,
        ABI_CAP_NOTIFICATION + 1,
        ABI_CAP_NOTIFICATION + 2,
        ABI_CAP_ENDPOINT,
        ABI_CAP_ENDPOINT + 1,
        ABI_CAP_ENDPOINT + 2,
        ABI_CAP_IRQ + 9,
        ABI_CAP_CHILD_TCB + 3,
        0,
        ABI_CAP_ENDPOINT + 61,
        ~0UL,
    };
    unsigned int base = random_below(3) == 0 ? 0 : 3;

    frame->x[7] = random_below(40) == 0 ? ABI_SYS_TCB_RESUME : 1 + random_below(3);
    frame->x[0] = caps[random_below(sizeof(caps) / sizeof(caps[0]))];
    frame->x[1] = ABI_MSGINFO(random_below(100), random_below(128));
    frame->x[2] = 0;
    if (frame->x[7] == ABI_SYS_SEND) {
        frame->x[0] = caps[base == 0 ? random_below(11) : random_below(3)];
    } else if (frame->x[7] == ABI_SYS_REPLY_RECV) {
        frame->x[0] = random_below(2);
        frame->x[2] = random_below(8) == 0 ? caps[random_below(3)] : 0;
    }
}

/* As vectors.S does. */
static struct thread *enter_svc(struct thread *current, bool is_fast)
{
    struct thread *next;

    host.syndrome = SYNDROME_SVC;
    next = is_fast ? trap_fast(current) : NULL;
    if (next == NULL) {
        return trap_sync(current);
    }
    fast_count++;
    return (uintptr_t)next == TRAP_FAST_LOCKED ? trap_finish(current) : next;
}

/* 0: it runs; else after how many of its priority. */
static unsigned int place_of(const struct thread *thread)
{
    const struct list_node *queue = &CPU->ready[thread->priority];
    unsigned int place = 1;

    if (thread == CPU->chosen || thread == CPU->preempted) {
        return thread == CPU->chosen ? 0 : 1;
    }
    if (CPU->preempted != NULL && CPU->preempted->priority == thread->priority) {
        place++;
    }
    for (const struct list_node *node = queue->next; node != &thread->link; node = node->next) {
        assert_ptr_not_equal(node, queue); /* it is in no queue */
        place++;
    }
    return place;
}

static void look(struct view *view, const struct thread *current)
{
    memset(view, 0, sizeof(*view));
    view->chosen = (unsigned int)index_of(current);
    view->top = CPU->top;
    for (unsigned int i = 0; i < 3; i++) {
        struct pd *pd = &pds[i];
        struct thread *thread = &pd->thread;

        view->thread[i].pc = thread->frame.pc;
        view->thread[i].x0 = thread->frame.x[0];
        view->thread[i].x1 = thread->frame.x[1];
        view->thread[i].info = thread->message.info;
        view->thread[i].badge = thread->message.badge;
        view->thread[i].notification = pd->notification;
        view->thread[i].word0 = pd->ipc_buffer[0];
        view->thread[i].word1 = pd->ipc_buffer[1];
        view->thread[i].state = (int)thread->state;
        view->thread[i].reply_to = index_of(pd->reply_to);
        view->thread[i].peer = index_of(thread->peer);
        view->thread[i].payer = payer_of(pd);
        if (thread->state == THREAD_RUNNABLE) {
            view->thread[i].place = place_of(thread);
        }
    }
}

/* All programs wait, so the guest runs: time passes, an interrupt comes, someone is told to go on.
 */
static struct thread *wake_someone(struct thread *current)
{
    static const uint32_t intids[] = {INTID, 26};

    host.counter += 1000;
    fake_gic.pending = intids[random_below(2)];
    endpoint_resume(&pds[random_below(3)].thread);
    return trap_interrupt(current);
}

static struct thread *make_step(struct thread *current, unsigned int step, bool is_fast)
{
    struct pd *pd = pd_from_thread(current);

    host.counter += random_below(3) == 0 ? 100 : 1;
    if (current->kind == THREAD_VCPU) {
        return wake_someone(current);
    }
    pd->ipc_buffer[0] = step;
    pd->ipc_buffer[1] = step * 3UL;
    current->frame.pc = 0x1000UL * step + 4;
    choose_call(&current->frame);
    if (current == &pds[0].thread && random_below(10) == 0) {
        host.syndrome = SYNDROME_ABORT; /* a fault to its parent, which may answer it */
        return trap_sync(current);
    }
    return enter_svc(current, is_fast);
}

static void run_system(uint32_t seed, bool is_fast)
{
    struct thread *current;

    random_state = seed;
    make_system();
    current = trap_exit(CPU);
    for (unsigned int step = 0; step < STEPS; step++) {
        struct view view;

        current = make_step(current, step, is_fast);
        look(&view, current);
        if (is_fast) {
            assert_memory_equal(&view, &views[step], sizeof(view));
        } else {
            views[step] = view;
        }
    }
}

static void the_short_way_does_what_the_long_one_does(void **state)
{
    (void)state;
    fast_count = 0;
    for (uint32_t seed = 0; seed < SYSTEMS; seed++) {
        run_system(seed, false);
        run_system(seed, true);
    }
    assert_true(fast_count > SYSTEMS * STEPS / 10); /* or this compares nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_short_way_does_what_the_long_one_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
