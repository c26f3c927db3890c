/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program or guest may not do to others, case by case: not use time that it does not pay
 * for, not reach a timer that is another's, not choose a mode that is not its own. One step after
 * the other; a step ends with a notification or a fault.
 */
#include "tests/target/lib/check.h"

#define TIMER     1
#define LITTLE    2
#define VCPU      3
#define THIEF     5
#define LITTLE_PD 6
#define GUEST     (BASE_VM_TCB_CAP + VCPU)
#define ENTRY(n)  (0x40000000UL + (n)*0x100UL)

#define ESR_EC(syndrome) ((syndrome) >> 26 & 0x3f)
#define EC_SYSREG        0x18
#define EC_HVC           0x16
#define SPSR_MODE        0x1fUL
#define SPSR_USER        0x10UL

volatile seL4_Word *ram = (seL4_Word *)1;
volatile seL4_Word *shares = (seL4_Word *)1;

enum step {
    WAIT_FOR_LITTLE,
    WAIT_FOR_ITS_ANSWER,
    GUEST_SPINS,
    GUEST_SLEEPS,
    GUEST_IS_AARCH32,
    GUEST_HVC
};

static enum step step;
static seL4_Word before;
static seL4_Word thief_syndrome;

static void measure(seL4_Word entry)
{
    microkit_vcpu_stop(VCPU);
    microkit_vcpu_restart(VCPU, ENTRY(entry));
    before = shares[0];
    timer_start(milliseconds(1000));
}

static seL4_Word workers_percent(void)
{
    return (shares[0] - before) * 100 / milliseconds(1000);
}

void init(void)
{
}

/* It has used 95 % of its budget and waits: it can neither run nor be forgotten. */
static void resume_little(void)
{
    microkit_pd_stop(LITTLE_PD);
    microkit_pd_resume(LITTLE_PD);
    microkit_notify(LITTLE);
    step = WAIT_FOR_ITS_ANSWER;
}

void notified(microkit_channel ch)
{
    if (ch == TIMER) {
        timer_stop();
        microkit_irq_ack(TIMER);
    }
    switch (step) {
    case WAIT_FOR_LITTLE:
        resume_little();
        break;
    case WAIT_FOR_ITS_ANSWER:
        check("program_without_budget_is_resumed", ch == LITTLE);
        check_equal("timer_of_another_program_traps", ESR_EC(thief_syndrome), EC_SYSREG);
        step = GUEST_SPINS;
        measure(0);
        break;
    case GUEST_SPINS:
        check("timer_goes_on", ch == TIMER);
        check_range("worker_below_a_guest_that_spins", workers_percent(), 87, 92);
        step = GUEST_SLEEPS;
        microkit_vcpu_arm_bind_vppi(VCPU, 27, false, 20, 0); /* it ends the sleep, no more */
        measure(1);
        break;
    case GUEST_SLEEPS:
        check_range("worker_below_one_that_ends_in_wfi", workers_percent(), 87, 92);
        microkit_vcpu_stop(VCPU);
        microkit_vcpu_arm_write_reg(VCPU, seL4_VCPUReg_CNTV_CTL, 0);
        microkit_vcpu_arm_reset_vgic(VCPU);
        step = GUEST_IS_AARCH32;
        microkit_vcpu_restart(VCPU, ENTRY(2));
        break;
    default:
        check("no_event_here", false);
        check_done();
    }
}

/* All its registers are read and written again, as a VMM does that moves the pc. */
static void move_pc(void)
{
    static const seL4_Word asked[] = {0x11, 0x13, 0x1f, 0x9, 0xd, 0x8};
    seL4_UserContext context;
    seL4_Word spsr;

    (void)seL4_TCB_ReadRegisters(GUEST, false, 0, 36, &context);
    spsr = context.spsr;
    check_equal("aarch32_at_el0", context.spsr & SPSR_MODE, SPSR_USER);
    for (unsigned int i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        context.spsr = (spsr & ~SPSR_MODE) | asked[i];
        context.x2 = 1;
        expect_equal("error of a mode that it may not have",
                     (seL4_Word)seL4_TCB_WriteRegisters(GUEST, false, 0, 36, &context),
                     seL4_InvalidArgument);
    }
    (void)seL4_TCB_ReadRegisters(GUEST, false, 0, 36, &context);
    check_equal("refused_write_writes_nothing", context.x2, 0);
    context.pc += 4;
    (void)seL4_TCB_WriteRegisters(GUEST, false, 0, 36, &context);
    (void)seL4_TCB_ReadRegisters(GUEST, false, 0, 36, &context);
    check_equal("mode_is_kept", context.spsr & SPSR_MODE, SPSR_USER);
}

static seL4_Bool guest_fault(seL4_Word label)
{
    if (step == GUEST_IS_AARCH32 && label == seL4_Fault_VMFault) {
        move_pc();
        return seL4_True;
    }
    if (step == GUEST_IS_AARCH32) {
        check_equal("goes_on_in_aarch32", microkit_mr_get(2) & SPSR_MODE, SPSR_USER);
        step = GUEST_HVC;
        microkit_vcpu_stop(VCPU);
        microkit_vcpu_restart(VCPU, ENTRY(3));
        return seL4_False;
    }
    check_equal("hvc_with_an_immediate_is_no_call", label, seL4_Fault_VCPUFault);
    check_equal("its_syndrome", ESR_EC(microkit_mr_get(0)), EC_HVC);
    check_equal("its_immediate", microkit_mr_get(0) & 0xffff, 1);
    check_done();
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    seL4_Word label = microkit_msginfo_get_label(info);

    if (child == THIEF) {
        thief_syndrome = label == seL4_Fault_VCPUFault ? microkit_mr_get(0) : 0;
        return seL4_False;
    }
    *reply = microkit_msginfo_new(0, 0);
    return guest_fault(label);
}
