/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stops and resumes a vCPU that runs on another core while its timer fires and while it makes
 * hypercalls, and writes the pc of a program that makes system calls: no trap counts twice or is
 * lost, and the core's others go on. The moments are those that the machine's clock makes; so many
 * rounds that each kind of race has come about in them on a kernel that had it.
 */
#include "tests/target/lib/check.h"

#define TIMER       1
#define BYSTANDER   2
#define VCPU        3
#define CHILD       5
#define GUEST       (BASE_VM_TCB_CAP + VCPU)
#define RAM         0x40000000UL
#define STOP_ROUNDS 400
#define CALL_ROUNDS 400
#define PC_ROUNDS   60

volatile seL4_Word *ram = (seL4_Word *)1;

static enum {
    STOPS,
    CALLS,
    ENDS
} step;
static seL4_Word rounds;
static seL4_Word timers;
static seL4_Word last_call;
static seL4_Word loop;

static void wait(void)
{
    timer_start(500 + rounds * 37 % 4000);
}

static void start_guest(seL4_Word entry)
{
    microkit_vcpu_stop(VCPU);
    microkit_vcpu_arm_ack_vppi(VCPU, 27);
    microkit_vcpu_restart(VCPU, RAM + entry);
}

void init(void)
{
}

static void write_pc(void)
{
    static seL4_UserContext context;
    seL4_Word wrong = 0;

    for (seL4_Word n = 0; n < PC_ROUNDS; n++) {
        context.pc = loop;
        (void)seL4_TCB_WriteRegisters(BASE_TCB_CAP + CHILD, false, 0, 1, &context);
        spin(n * 7 % 200 + 30);
        (void)seL4_TCB_ReadRegisters(BASE_TCB_CAP + CHILD, false, 0, 36, &context);
        wrong += context.x10 == 2;
    }
    check_equal("program_begins_at_the_pc_written", wrong, 0);
}

static void next(void)
{
    if (step == STOPS && rounds == STOP_ROUNDS) {
        check("timer_fired_meanwhile", timers > 0);
        step = CALLS;
        rounds = 0;
        start_guest(0x100);
    } else if (step == STOPS) {
        start_guest(0);
    } else {
        (void)seL4_TCB_Suspend(GUEST);
        (void)seL4_TCB_Resume(GUEST);
    }
}

void notified(microkit_channel ch)
{
    if (ch == BYSTANDER) {
        check("others_on_the_core_go_on", step == ENDS);
        check_done();
    }
    timer_stop();
    microkit_irq_ack(ch);
    rounds++;
    if (step == CALLS && rounds == CALL_ROUNDS) {
        check("hypercalls_came", last_call > 0);
        microkit_vcpu_stop(VCPU);
        step = ENDS;
        microkit_notify(BYSTANDER);
        return;
    }
    next();
    wait();
}

/* The child waits at its brk until the judge knows where its loop is. */
static seL4_Bool child_fault(void)
{
    seL4_UserContext context;

    (void)seL4_TCB_ReadRegisters(BASE_TCB_CAP + CHILD, false, 0, 36, &context);
    loop = context.x11;
    microkit_pd_restart(CHILD, loop);
    write_pc();
    microkit_pd_stop(CHILD);
    start_guest(0);
    wait();
    return seL4_False;
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    if (child == CHILD) {
        return child_fault();
    }
    if (microkit_msginfo_get_label(info) == seL4_Fault_VPPIEvent) {
        timers++;
        microkit_vcpu_arm_ack_vppi(VCPU, 27);
        *reply = microkit_msginfo_new(0, 0);
        return seL4_True;
    }
    /* One that was stopped before its answer comes again. */
    if (microkit_mr_get(0) != last_call && microkit_mr_get(0) != last_call + 1) {
        expect_equal("number of a hypercall", microkit_mr_get(0), last_call + 1);
    }
    last_call = microkit_mr_get(0);
    microkit_mr_set(seL4_UnknownSyscall_FaultIP, microkit_mr_get(seL4_UnknownSyscall_FaultIP) + 4);
    *reply = microkit_msginfo_new(0, seL4_UnknownSyscall_FaultIP + 1);
    return seL4_True;
}
