/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications, faults and calls: who blocks, who gets what, and what an answer changes. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/fault.h"
#include "kernel/ipc/notify.h"
#include "kernel/sched/sched.h"

#define CHILD  (&pds[0])
#define PARENT (&pds[1])
#define OTHER  (&pds[2])
#define VCPU   (&vcpus[0])

static void waiting_pd_gets_signals_at_once(void **state)
{
    (void)state;
    endpoint_receive(PARENT);
    assert_int_equal(PARENT->thread.state, THREAD_RECEIVING);
    notify_signal(PARENT, 1UL << 5);
    assert_int_equal(PARENT->thread.state, THREAD_RUNNABLE);
    assert_int_equal(PARENT->thread.frame.x[0], 1UL << 5);
    assert_int_equal(PARENT->notification, 0);
}

static void signals_coalesce_and_come_before_senders(void **state)
{
    (void)state;
    fault_vm(&CHILD->thread, 0x1234, false, 0x92000006);
    notify_signal(PARENT, 1UL << 5);
    notify_signal(PARENT, 1UL << 5);
    notify_signal(PARENT, 1UL << 61);
    endpoint_receive(PARENT);
    assert_int_equal(PARENT->thread.frame.x[0], 1UL << 5 | 1UL << 61);
    assert_int_equal(CHILD->thread.state, THREAD_SENDING);
    endpoint_receive(PARENT);
    assert_int_equal(PARENT->thread.frame.x[0], ABI_BADGE_ENDPOINT | ABI_BADGE_FAULT | 3);
    assert_int_equal(CHILD->thread.state, THREAD_REPLY);
}

static void fault_message_arrives_and_answer_resumes(void **state)
{
    (void)state;
    CHILD->thread.frame.pc = 0x200010;
    endpoint_receive(PARENT);
    fault_vm(&CHILD->thread, 0x1234, true, 0x82000006);
    assert_int_equal(PARENT->thread.state, THREAD_RUNNABLE);
    assert_int_equal(PARENT->thread.frame.x[1], ABI_MSGINFO(ABI_FAULT_VM, 4));
    assert_int_equal(PARENT->ipc_buffer[ABI_VM_FAULT_IP], 0x200010);
    assert_int_equal(PARENT->ipc_buffer[ABI_VM_FAULT_ADDR], 0x1234);
    assert_int_equal(PARENT->ipc_buffer[ABI_VM_FAULT_PREFETCH], 1);
    assert_int_equal(PARENT->ipc_buffer[ABI_VM_FAULT_FSR], 0x82000006);
    endpoint_reply(PARENT, 0);
    assert_int_equal(CHILD->thread.state, THREAD_RUNNABLE);
    assert_int_equal(CHILD->thread.frame.pc, 0x200010);
    endpoint_reply(PARENT, 0); /* there is nobody to answer any more */
}

static void answer_to_unknown_syscall_writes_registers(void **state)
{
    (void)state;
    VCPU->thread.state = THREAD_STOPPED;
    endpoint_resume(&VCPU->thread);
    endpoint_receive(PARENT);
    fault_unknown_syscall(&VCPU->thread);
    assert_int_equal(PARENT->thread.frame.x[0], ABI_BADGE_ENDPOINT | ABI_BADGE_FAULT | 7);
    PARENT->ipc_buffer[0] = 0xabc;
    PARENT->ipc_buffer[ABI_UNKNOWN_SYSCALL_IP] = 0x4000;
    PARENT->ipc_buffer[ABI_UNKNOWN_SYSCALL_SPSR] = 0x9; /* EL2h, forged */
    endpoint_reply(PARENT, ABI_MSGINFO(0, 12));
    assert_int_equal(VCPU->thread.frame.x[0], 0xabc);
    assert_int_equal(VCPU->thread.frame.pc, 0x4000);
    assert_int_equal(VCPU->thread.frame.spsr & 0x1f, 0x5);
    assert_int_equal(VCPU->thread.state, THREAD_RUNNABLE);
}

static void nonzero_label_leaves_an_unknown_syscall_stopped(void **state)
{
    (void)state;
    endpoint_receive(PARENT);
    fault_unknown_syscall(&CHILD->thread);
    endpoint_reply(PARENT, ABI_MSGINFO(1, 0));
    assert_int_equal(CHILD->thread.state, THREAD_STOPPED);
}

static void guest_stops_with_its_vmm(void **state)
{
    (void)state;
    sched_add(&VCPU->thread);
    fault_one_word(&VCPU->thread, ABI_FAULT_VCPU, 0);
    endpoint_receive(PARENT);
    assert_int_equal(VCPU->thread.state, THREAD_REPLY);
    fault_vm(&PARENT->thread, 0, false, 0x92000006);
    assert_int_equal(PARENT->thread.state, THREAD_STOPPED);
    assert_int_equal(VCPU->thread.state, THREAD_STOPPED);
    assert_null(PARENT->reply_to);
    assert_int_equal(OTHER->thread.state, THREAD_RUNNABLE);
    assert_int_equal(CHILD->thread.state, THREAD_RUNNABLE);
}

static void guest_that_runs_stops_with_its_vmm(void **state)
{
    (void)state;
    sched_add(&VCPU->thread);
    fault_cap(&PARENT->thread, 5);
    assert_int_equal(VCPU->thread.state, THREAD_STOPPED);
    assert_ptr_not_equal(sched_choose(cpu_local()), &VCPU->thread);
}

static void root_fault_stops_only_the_root(void **state)
{
    (void)state;
    fault_user_exception(&OTHER->thread, ABI_USER_EXCEPTION_UNDEFINED, 0);
    assert_int_equal(OTHER->thread.state, THREAD_STOPPED);
    assert_int_equal(PARENT->thread.state, THREAD_RUNNABLE);
    assert_ptr_equal(sched_choose(&cpus[0]), &PARENT->thread);
}

static void call(struct pd *from, struct pd *to, uint64_t info)
{
    from->thread.message.info = info;
    from->thread.message.badge = ABI_BADGE_ENDPOINT | 9;
    from->thread.message.is_fault = false;
    endpoint_send(&from->thread, to);
}

static void call_and_answer_carry_words(void **state)
{
    (void)state;
    endpoint_receive(PARENT);
    CHILD->ipc_buffer[0] = 11;
    CHILD->ipc_buffer[119] = 12;
    call(CHILD, PARENT, ABI_MSGINFO(0x77, 127)); /* more than there are: 120 */
    assert_int_equal(PARENT->thread.frame.x[0], ABI_BADGE_ENDPOINT | 9);
    assert_int_equal(PARENT->thread.frame.x[1], ABI_MSGINFO(0x77, 120));
    assert_int_equal(PARENT->ipc_buffer[0], 11);
    assert_int_equal(PARENT->ipc_buffer[119], 12);
    PARENT->ipc_buffer[0] = 13;
    endpoint_reply(PARENT, ABI_MSGINFO(5, 1));
    assert_int_equal(CHILD->ipc_buffer[0], 13);
    assert_int_equal(CHILD->thread.frame.x[1], ABI_MSGINFO(5, 1));
}

static void senders_are_served_by_priority(void **state)
{
    (void)state;
    call(CHILD, PARENT, 0);
    call(OTHER, PARENT, 0);
    endpoint_receive(PARENT);
    assert_ptr_equal(PARENT->reply_to, &OTHER->thread);
}

static void suspending_a_sender_cancels_its_message(void **state)
{
    (void)state;
    fault_vm(&CHILD->thread, 0, false, 0);
    endpoint_suspend(&CHILD->thread);
    endpoint_receive(PARENT);
    assert_int_equal(PARENT->thread.state, THREAD_RECEIVING);
    endpoint_resume(&CHILD->thread);
    assert_int_equal(CHILD->thread.state, THREAD_RUNNABLE);
}

static void restarting_a_received_sender_makes_the_answer_a_no_op(void **state)
{
    (void)state;
    endpoint_receive(PARENT);
    fault_unknown_syscall(&CHILD->thread);
    endpoint_suspend(&CHILD->thread);
    CHILD->thread.frame.x[0] = 42;
    CHILD->thread.resume = THREAD_RESUME_RUN;
    endpoint_resume(&CHILD->thread);
    PARENT->ipc_buffer[0] = 1;
    endpoint_reply(PARENT, ABI_MSGINFO(0, 12));
    assert_int_equal(CHILD->thread.frame.x[0], 42);
    assert_int_equal(CHILD->thread.state, THREAD_RUNNABLE);
}

static void waiting_pd_waits_again_after_suspension(void **state)
{
    (void)state;
    endpoint_receive(CHILD);
    endpoint_suspend(&CHILD->thread);
    notify_signal(CHILD, 2);
    assert_int_equal(CHILD->thread.state, THREAD_STOPPED);
    endpoint_resume(&CHILD->thread);
    assert_int_equal(CHILD->thread.state, THREAD_RUNNABLE);
    assert_int_equal(CHILD->thread.frame.x[0], 2);
}

static void suspended_caller_calls_again(void **state)
{
    (void)state;
    call(CHILD, PARENT, ABI_MSGINFO(1, 0));
    endpoint_suspend(&CHILD->thread);
    endpoint_resume(&CHILD->thread);
    assert_int_equal(CHILD->thread.state, THREAD_SENDING);
    endpoint_receive(PARENT);
    assert_ptr_equal(PARENT->reply_to, &CHILD->thread);
}

static void unanswered_child_stays_blocked_when_another_comes(void **state)
{
    (void)state;
    fault_vm(&CHILD->thread, 0, false, 0);
    endpoint_receive(PARENT);
    call(OTHER, PARENT, 0);
    endpoint_receive(PARENT);
    endpoint_reply(PARENT, 0);
    assert_int_equal(OTHER->thread.state, THREAD_RUNNABLE);
    assert_int_equal(CHILD->thread.state, THREAD_REPLY);
    endpoint_resume(&CHILD->thread);
    assert_int_equal(CHILD->thread.state, THREAD_RUNNABLE);
}

static void say(struct pd *from, struct pd *to, uint64_t info)
{
    from->thread.message.info = info;
    from->thread.message.badge = ABI_BADGE_ENDPOINT | 9;
    from->thread.message.is_fault = false;
    endpoint_send_one_way(&from->thread, to);
}

static void sender_without_a_call_goes_on(void **state)
{
    (void)state;
    CHILD->ipc_buffer[0] = 11;
    endpoint_receive(PARENT);
    say(CHILD, PARENT, ABI_MSGINFO(7, 1));
    assert_int_equal(CHILD->thread.state, THREAD_RUNNABLE);
    assert_int_equal(PARENT->thread.state, THREAD_RUNNABLE);
    assert_int_equal(PARENT->thread.frame.x[1], ABI_MSGINFO(7, 1));
    assert_int_equal(PARENT->ipc_buffer[0], 11);
    assert_null(PARENT->reply_to);
    assert_false(endpoint_offer(&CHILD->thread, PARENT)); /* it does not wait now */

    say(CHILD, PARENT, ABI_MSGINFO(8, 1));
    assert_int_equal(CHILD->thread.state, THREAD_SENDING);
    endpoint_suspend(&CHILD->thread);
    assert_false(endpoint_poll(PARENT));
    endpoint_resume(&CHILD->thread);
    assert_int_equal(CHILD->thread.state, THREAD_SENDING); /* it says it again */
    assert_true(endpoint_poll(PARENT));
    assert_int_equal(PARENT->thread.frame.x[1], ABI_MSGINFO(8, 1));
    assert_int_equal(CHILD->thread.state, THREAD_RUNNABLE);
    assert_null(PARENT->reply_to);
}

static void priority_moves_a_sender(void **state)
{
    (void)state;
    call(CHILD, PARENT, 0);
    call(OTHER, PARENT, 0);
    endpoint_set_priority(&CHILD->thread, 21);
    endpoint_receive(PARENT);
    assert_ptr_equal(PARENT->reply_to, &CHILD->thread);
}

#define TEST(name) cmocka_unit_test_setup(name, system_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(waiting_pd_gets_signals_at_once),
        TEST(signals_coalesce_and_come_before_senders),
        TEST(fault_message_arrives_and_answer_resumes),
        TEST(answer_to_unknown_syscall_writes_registers),
        TEST(nonzero_label_leaves_an_unknown_syscall_stopped),
        TEST(guest_stops_with_its_vmm),
        TEST(guest_that_runs_stops_with_its_vmm),
        TEST(root_fault_stops_only_the_root),
        TEST(call_and_answer_carry_words),
        TEST(senders_are_served_by_priority),
        TEST(suspending_a_sender_cancels_its_message),
        TEST(restarting_a_received_sender_makes_the_answer_a_no_op),
        TEST(waiting_pd_waits_again_after_suspension),
        TEST(suspended_caller_calls_again),
        TEST(unanswered_child_stays_blocked_when_another_comes),
        TEST(sender_without_a_call_goes_on),
        TEST(priority_moves_a_sender),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
