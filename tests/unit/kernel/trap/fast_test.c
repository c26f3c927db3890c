/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short ways are no second semantics: random programs make the same calls, and a guest has the
 * same interrupts, on a kernel that may take them and on one that may not. All that a program, the
 * guest, the scheduler or the GIC could see is compared after each step.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/irq/route.h"
#include "kernel/lib/log.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/trap.h"

#define CPU     (&cpus[0])
#define INTID   40
#define STEPS   400
#define SYSTEMS 500

#define THREADS 4
#define GUEST   3 /* as a thread */
#define VCPU    (&vcpus[0])

#define SYNDROME_SVC   (0x15UL << 26 | 1UL << 25)
#define SYNDROME_ABORT (0x24UL << 26 | 1UL << 25)
#define SYNDROME_WFI   (0x01UL << 26 | 1UL << 25)

/* Whose turn it is, what each thread has and waits for, and what the guest's interrupts do. */
struct view {
    int chosen;
    int top;
    uint64_t armed;
    bool traps_wfi, is_native, irq_active, timer_active;
    struct {
        uint64_t pc, x0, x1, info, badge, notification, word0, word1, word3;
        int state, reply_to, peer, payer;
        unsigned int place; /* in the order in which its priority's threads would run */
    } thread[THREADS];
    uint64_t due;
    uint64_t slots[ABI_LIST_REGISTERS];
    int owners[GIC_LIST_REGISTERS];
    unsigned int waiting;
    struct fake_gic gic;
};

static struct view views[STEPS];
static uint32_t random_state;
static unsigned int fast_count;
static unsigned int fast_guest_count;
static unsigned int fast_abort_count;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (random_state >> 8) % limit;
}

static struct thread *thread_at(unsigned int index)
{
    return index == GUEST ? &VCPU->thread : &pds[index].thread;
}

static int index_of(const void *thread)
{
    for (unsigned int i = 0; i < THREADS; i++) {
        if (thread == thread_at(i)) {
            return (int)i;
        }
    }
    return -1;
}

static int payer_of(const struct thread *thread)
{
    for (unsigned int i = 0; i < THREADS; i++) {
        if (thread->payer == &thread_at(i)->own) {
            return (int)i;
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

/* Nobody runs: time passes, and someone is told to go on. */
static void wake_someone(void)
{
    host.counter += 1000;
    fake_gic.pending = 26;
    endpoint_resume(thread_at(random_below(THREADS)));
}

/* PD 1 is a VMM; often there is nobody else. */
static void make_guest(void)
{
    static const uint8_t priorities[] = {5, 5, 15, 20, 21};

    VCPU->thread.priority = priorities[random_below(5)];
    if (random_below(2) == 0) {
        endpoint_suspend(&pds[0].thread);
        endpoint_suspend(&pds[2].thread);
    }
    endpoint_resume(&VCPU->thread);
    host.wait_for_interrupt = wake_someone;
}

/* Root programs' faults are reported. */
static void ignore(const char *text, unsigned int size)
{
    (void)text;
    (void)size;
}

/* Clients and servers, passive or not, with budgets or not; an interrupt; a guest. */
static void make_system(void)
{
    static const struct image_irq irq = {.intid = INTID, .pd = 1, .channel = 9};
    bool is_passive = random_below(2) == 0;
    bool is_limited = random_below(3) == 0;
    struct image_pd *desc;

    (void)system_setup(NULL);
    log_init(ignore, abort);
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
    make_guest();
    list_remove(&vcpus[0].thread.ward); /* it outlives its VMM here: somebody has to run */
    if (is_limited) {
        budget_init(&thread_at(random_below(THREADS))->own, 500, 1000);
    }
}

/* What a VMM does with its vCPU; few mistakes. */
static void choose_vcpu_call(struct arch_frame *frame)
{
    bool is_ack = random_below(3) == 0;

    frame->x[7] = is_ack ? ABI_SYS_VCPU_ACK_VPPI : ABI_SYS_VCPU_INJECT_IRQ;
    frame->x[0] = ABI_CAP_VCPU + (random_below(20) == 0 ? 0 : 7);
    frame->x[1] = is_ack || random_below(20) == 0 ? 27 : random_below(1030);
    frame->x[2] = random_below(33);
    frame->x[3] = random_below(2);
    frame->x[4] = random_below(20) == 0 ? ABI_LIST_REGISTERS : random_below(ABI_LIST_REGISTERS);
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

static void look_at_thread(struct view *view, unsigned int i)
{
    const struct thread *thread = thread_at(i);

    view->thread[i].pc = thread->frame.pc;
    view->thread[i].x0 = thread->frame.x[0];
    view->thread[i].x1 = thread->frame.x[1];
    view->thread[i].info = thread->message.info;
    view->thread[i].badge = thread->message.badge;
    view->thread[i].state = (int)thread->state;
    view->thread[i].peer = index_of(thread->peer);
    view->thread[i].payer = payer_of(thread);
    if (thread->state == THREAD_RUNNABLE) {
        view->thread[i].place = place_of(thread);
    }
    if (i != GUEST) {
        view->thread[i].notification = pds[i].notification;
        view->thread[i].word0 = pds[i].ipc_buffer[0];
        view->thread[i].word1 = pds[i].ipc_buffer[1];
        view->thread[i].word3 = pds[i].ipc_buffer[3];
        view->thread[i].reply_to = index_of(pds[i].reply_to);
    }
}

static int slot_of(const struct virq *virq)
{
    return virq == NULL ? -1 : (int)(virq - VCPU->slots);
}

static void look_at_guest(struct view *view)
{
    view->due = VCPU->due;
    view->timer_active = VCPU->timer_active;
    view->irq_active = route_irq(0)->active;
    view->gic = fake_gic;
    for (unsigned int i = 0; i < ABI_LIST_REGISTERS; i++) {
        view->slots[i] = VCPU->slots[i].value;
    }
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        view->owners[i] = slot_of(VCPU->owners[i]);
    }
    for (const struct list_node *node = VCPU->waiting.next; node != &VCPU->waiting;
         node = node->next) {
        view->waiting =
            view->waiting * 8 + (unsigned int)slot_of(list_entry(node, struct virq, link)) + 1;
    }
}

static void look(struct view *view, const struct thread *current)
{
    memset(view, 0, sizeof(*view));
    view->chosen = index_of(current);
    view->top = CPU->top;
    view->armed = host.timer;
    view->traps_wfi = current == &VCPU->thread && host.traps_wfi;
    view->is_native = CPU->is_native;
    assert_ptr_equal(CPU->current, current);
    for (unsigned int i = 0; i < THREADS; i++) {
        look_at_thread(view, i);
    }
    look_at_guest(view);
}

/* As vectors.S does. */
static struct thread *enter_interrupt(struct thread *current, uint32_t intid, bool is_fast)
{
    struct thread *next;

    fake_gic.pending = intid;
    next = is_fast ? trap_fast_interrupt(current) : NULL;
    if (next == NULL) {
        return trap_interrupt(current);
    }
    fast_guest_count++;
    return next;
}

static struct thread *enter_abort(struct thread *current, bool is_fast)
{
    struct thread *next;

    host.syndrome = SYNDROME_ABORT;
    host.fault_pc = current->frame.pc;
    host.fault_address = host.counter * 3;
    host.fault_ipa = host.counter * 5;
    next = is_fast ? trap_fast_abort(current) : NULL;
    if (next == NULL) {
        return trap_sync(current);
    }
    fast_abort_count++;
    return next;
}

/* Its interrupts, and once in a while it sleeps or touches something. */
static struct thread *make_guest_step(struct thread *current, bool is_fast)
{
    static const uint32_t intids[] = {INTID, 25, 26, 27};
    uint32_t intid = intids[random_below(4)];

    if (random_below(6) == 0) {
        return enter_abort(current, is_fast);
    }
    if (random_below(10) == 0) {
        host.syndrome = SYNDROME_WFI;
        return trap_sync(current);
    }
    if (random_below(16) == 0) {
        wake_someone(); /* as another core does */
        return enter_interrupt(current, GIC_IPI, is_fast);
    }
    if (intid == 25) {
        fake_gic.ended = gic->lists_used() & random_below(8);
    }
    return enter_interrupt(current, intid, is_fast);
}

static struct thread *make_step(struct thread *current, unsigned int step, bool is_fast)
{
    struct pd *pd = pd_from_thread(current);

    host.counter += random_below(3) == 0 ? 100 : 1;
    if (current->kind == THREAD_VCPU) {
        return make_guest_step(current, is_fast);
    }
    pd->ipc_buffer[0] = step;
    pd->ipc_buffer[1] = step * 3UL;
    current->frame.pc = 0x1000UL * step + 4;
    if (random_below(16) == 0) {
        return enter_interrupt(current, random_below(2) == 0 ? INTID : 26, is_fast);
    }
    choose_call(&current->frame);
    if (current == &pds[1].thread && random_below(4) == 0) {
        choose_vcpu_call(&current->frame);
    }
    if (random_below(current == &pds[0].thread ? 10 : 200) == 0) {
        return enter_abort(current, is_fast); /* its parent may answer it */
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
    fast_guest_count = 0;
    fast_abort_count = 0;
    for (uint32_t seed = 0; seed < SYSTEMS; seed++) {
        run_system(seed, false);
        run_system(seed, true);
    }
    assert_true(fast_count > SYSTEMS * STEPS / 10); /* or this compares nothing */
    assert_true(fast_guest_count > SYSTEMS * STEPS / 100);
    assert_true(fast_abort_count > SYSTEMS * STEPS / 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_short_way_does_what_the_long_one_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
