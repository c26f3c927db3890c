/* SPDX-License-Identifier: BSD-2-Clause */
/* An error that comes late is charged to the thread whose accesses brought it, whoever runs then.
 */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/trap.h"

#define CPU    (&cpus[0])
#define VMM    (&pds[1])
#define VCPU   (&vcpus[0])
#define SERROR (0x2fUL << 26 | 5)

/* The guest runs, its VMM and another program wait. */
static int setup(void **state)
{
    system_setup(state);
    sched_remove(&pds[0].thread, THREAD_STOPPED);
    endpoint_receive(VMM);
    endpoint_receive(&pds[2]);
    endpoint_resume(&VCPU->thread);
    assert_ptr_equal(trap_exit(CPU), &VCPU->thread);
    host.event_count = 0;
    return 0;
}

static unsigned int place_of(enum host_event event)
{
    unsigned int i = 0;

    while (i < host.event_count && host.events[i].event != event) {
        i++;
    }
    assert_true(i < host.event_count);
    return i;
}

static void interrupt_for(struct pd *pd)
{
    pd->thread.state = THREAD_RECEIVING;
    pd->notification = 0;
    sched_add(&pd->thread);
    assert_ptr_equal(trap_exit(CPU), &pd->thread);
}

static void one_looks_before_another_is_entered(void **state)
{
    (void)state;
    interrupt_for(&pds[2]);
    assert_true(place_of(HOST_COLLECT_ERROR) < place_of(HOST_LEAVE_GUEST));
    assert_true(place_of(HOST_COLLECT_ERROR) < place_of(HOST_ENTER_NATIVE));
    host.event_count = 0;
    sched_add(&VMM->thread);
    endpoint_receive(&pds[2]);
    assert_ptr_equal(trap_exit(CPU), &VMM->thread);
    assert_true(place_of(HOST_COLLECT_ERROR) < place_of(HOST_ENTER_OTHER_NATIVE));
}

static void guest_is_charged_when_it_would_run_again(void **state)
{
    (void)state;
    host.error = SERROR;
    interrupt_for(&pds[2]);
    assert_int_equal(pds[2].thread.error, 0);
    endpoint_receive(&pds[2]);
    assert_ptr_equal(trap_exit(CPU), &VMM->thread);
    assert_int_equal(ABI_MSGINFO_LABEL(VMM->thread.frame.x[1]), ABI_FAULT_VCPU);
    assert_int_equal(VMM->ipc_buffer[0], SERROR);
    endpoint_reply(VMM, 0);
    endpoint_receive(VMM);
    assert_ptr_equal(trap_exit(CPU), &VCPU->thread); /* once */
}

static void error_of_who_runs_is_its_own_at_once(void **state)
{
    (void)state;
    host.syndrome = SERROR;
    assert_ptr_equal(trap_serror(&VCPU->thread), &VMM->thread);
    assert_int_equal(VMM->ipc_buffer[0], SERROR);
}

/* A program that has left its core by a call of the short way: the next one is on the long way. */
static void program_is_charged_on_the_long_way(void **state)
{
    (void)state;
    interrupt_for(&pds[2]);
    host.error = SERROR;
    endpoint_receive(&pds[2]);
    assert_ptr_equal(trap_exit(CPU), &VCPU->thread);
    assert_int_equal(pds[2].thread.error, SERROR);
    pds[2].notification = 0;
    sched_add(&pds[2].thread);
    assert_ptr_equal(trap_exit(CPU), &VCPU->thread);
    assert_int_equal(pds[2].thread.state, THREAD_STOPPED); /* a root program's fault */
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_looks_before_another_is_entered),
        TEST(guest_is_charged_when_it_would_run_again),
        TEST(error_of_who_runs_is_its_own_at_once),
        TEST(program_is_charged_on_the_long_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
