/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual CPUs as a VMM sees them: how they start, what each kind of exit says, what replies do,
 * injection, the virtual timer; registers.c has its last steps. One step after the other; each
 * starts a vCPU at a piece of payload.S and ends when the exits that it waits for have come.
 */
#include "tests/target/vcpu/vmm.h"

#include <stddef.h>

#define TIMER      1
#define SPINNER    9
#define SCTLR_INIT 0x34d58820UL
#define VTIMER     27

volatile seL4_Word *ram = (seL4_Word *)1;

#define NO_ENTRY ~0U /* the step starts what it wants itself */

struct step {
    const char *name;
    unsigned int entry;
    void (*begin)(void); /* before the vCPU starts; may be NULL */
    bool (*fault)(seL4_Word label, microkit_msginfo *reply);
    void (*timer)(void);
};

unsigned int faults_seen;

volatile seL4_Word *data(unsigned int word)
{
    return &ram[DATA / 8 + word];
}

void read_context(seL4_UserContext *context)
{
    expect_equal("read registers", seL4_TCB_ReadRegisters(TCB, 0, 0, 36, context), 0);
}

void write_context(seL4_UserContext *context)
{
    expect_equal("write registers", seL4_TCB_WriteRegisters(TCB, 0, 0, 36, context), 0);
}

bool resume_hvc(microkit_msginfo *reply)
{
    microkit_mr_set(seL4_UnknownSyscall_FaultIP, microkit_mr_get(seL4_UnknownSyscall_FaultIP) + 4);
    *reply = microkit_msginfo_new(0, seL4_UnknownSyscall_FaultIP + 1);
    return true;
}

static bool is_hvc(seL4_Word label)
{
    return label == seL4_Fault_UnknownSyscall;
}

/* Emulates the instruction that trapped: `x` gets `value`, and it goes on behind. */
static void emulate(seL4_Word *(*x)(seL4_UserContext *context), seL4_Word value)
{
    seL4_UserContext context;

    read_context(&context);
    context.pc += 4;
    *x(&context) = value;
    write_context(&context);
}

static seL4_Word *x0(seL4_UserContext *context)
{
    return &context->x0;
}

static seL4_Word *x3(seL4_UserContext *context)
{
    return &context->x3;
}

/* ---- Start ---- */

static void check_first_registers(void)
{
    seL4_UserContext context;
    const seL4_Word *words = (const seL4_Word *)&context;
    seL4_Word sum = 0;

    read_context(&context);
    check_equal("starts_at_entry", context.pc, ENTRY(ENTRY_STATE));
    check_equal("starts_at_el1h", context.spsr & SPSR_MODE, SPSR_EL1H);
    for (unsigned int i = 0; i < 36; i++) {
        sum |= i == 0 || i == 2 ? 0 : words[i];
    }
    check_equal("starts_with_registers_zero", sum, 0);
}

static bool state_fault(seL4_Word label, microkit_msginfo *reply)
{
    check_equal("hvc_is_unknown_syscall", label, seL4_Fault_UnknownSyscall);
    if (faults_seen == 1) {
        check_first_registers(); /* through the message registers, so that the answer has none */
        emulate(x0, 0);
        *reply = microkit_msginfo_new(0, 0);
        return true;
    }
    check_equal("runs_at_el1", microkit_mr_get(0) >> 2, 1);
    check_equal("sctlr_at_start", microkit_mr_get(1), SCTLR_INIT);
    check_equal("mpidr_at_start", microkit_mr_get(2), 0);
    check_equal("sp_at_start", microkit_mr_get(3), 0);
    check_equal("ttbr0_at_start", microkit_mr_get(4), 0);
    check_equal("vbar_at_start", microkit_mr_get(5), 0);
    check_equal("timer_off_at_start", microkit_mr_get(6) & 1, 0);
    check_equal("tpidr_at_start", microkit_mr_get(7), 0);
    next_step();
    return false;
}

/* ---- Exits ---- */

/* No HVC is a system call, whatever x7 says. */
static bool calls_fault(seL4_Word label, microkit_msginfo *reply)
{
    seL4_UserContext context;
    seL4_Word number = faults_seen <= 16 ? faults_seen - 1 : ~0UL;

    expect_equal("hvc_number: label", label, seL4_Fault_UnknownSyscall);
    expect_equal("hvc_number", microkit_mr_get(seL4_UnknownSyscall_Syscall), number);
    expect_equal("hvc_number: x7", microkit_mr_get(seL4_UnknownSyscall_X7), number);
    if (number != ~0UL) {
        return resume_hvc(reply);
    }
    check("hvc_is_never_a_system_call", true);
    number = microkit_mr_get(seL4_UnknownSyscall_FaultIP);
    check_equal("hvc_pc_in_message", number, ENTRY(ENTRY_CALLS) + 0x18);
    read_context(&context);
    check_equal("hvc_pc_is_its_own", context.pc, number);
    next_step();
    return false;
}

static bool smc_fault(seL4_Word label, microkit_msginfo *reply)
{
    seL4_UserContext context;

    (void)reply;
    if (faults_seen == 1) {
        check_equal("smc_is_vcpu_fault", label, seL4_Fault_VCPUFault);
        check_equal("smc_syndrome", microkit_mr_get(seL4_VCPUFault_HSR) >> HSR_EC, 0x17);
        read_context(&context);
        check_equal("smc_pc_is_its_own", context.pc, ENTRY(ENTRY_SMC) + 4);
        emulate(x0, 0x12345);
        return true;
    }
    check_equal("smc_answer", microkit_mr_get(0), 0x12345);
    next_step();
    return false;
}

/* Debug, performance monitors, ACTLR_EL1 and the physical timer are the kernel's to answer. */
static bool registers_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    check_equal("registers_that_are_not_switched_do_not_fault", label, seL4_Fault_UnknownSyscall);
    check_equal("they_ignore_writes_and_read_as_zero", microkit_mr_get(0), 0);
    check_equal("os_lock_is_there_and_open", microkit_mr_get(1), 8);
    next_step();
    return false;
}

static bool read_fault(seL4_Word label, microkit_msginfo *reply)
{
    seL4_Word syndrome = microkit_mr_get(seL4_VMFault_FSR);

    (void)reply;
    if (faults_seen == 1) {
        check_equal("read_is_vm_fault", label, seL4_Fault_VMFault);
        check_equal("read_pc", microkit_mr_get(seL4_VMFault_IP), ENTRY(ENTRY_READ) + 8);
        check_equal("read_address", microkit_mr_get(seL4_VMFault_Addr), HOLE + 0x5678);
        check_equal("read_prefetch", microkit_mr_get(seL4_VMFault_PrefetchFault), 0);
        check_equal("read_class", syndrome >> HSR_EC, 0x24);
        check_equal("read_syndrome", syndrome >> 16 & 0x1ff, 0x183); /* ISV, SAS 2, SRT 3 */
        check_equal("read_direction", syndrome >> 6 & 1, 0);
        emulate(x3, 0x89abcdef);
        return true;
    }
    check_equal("read_answer", microkit_mr_get(0), 0x89abcdef);
    next_step();
    return false;
}

static bool write_fault(seL4_Word label, microkit_msginfo *reply)
{
    seL4_Word syndrome = microkit_mr_get(seL4_VMFault_FSR);

    (void)reply;
    if (is_hvc(label)) {
        check_equal("write_goes_on", microkit_mr_get(4), 0x77);
        next_step();
        return false;
    }
    check_equal("write_address", microkit_mr_get(seL4_VMFault_Addr), HOLE + 0x9abc);
    check_equal("write_syndrome", syndrome >> 16 & 0x1ff, 0x104); /* ISV, SAS 0, SRT 4 */
    check_equal("write_direction", syndrome >> 6 & 1, 1);
    emulate(x3, 0);
    return true;
}

static bool rom_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    check_equal("rom_is_vm_fault", label, seL4_Fault_VMFault);
    check_equal("rom_address", microkit_mr_get(seL4_VMFault_Addr), ROM + 0x128);
    check_equal("rom_status_is_permission", microkit_mr_get(seL4_VMFault_FSR) & 0x3c, 0x0c);
    next_step();
    return false;
}

static bool jump_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    check_equal("jump_is_vm_fault", label, seL4_Fault_VMFault);
    check_equal("jump_pc", microkit_mr_get(seL4_VMFault_IP), HOLE);
    check_equal("jump_address", microkit_mr_get(seL4_VMFault_Addr), HOLE);
    check_equal("jump_prefetch", microkit_mr_get(seL4_VMFault_PrefetchFault), 1);
    check_equal("jump_class", microkit_mr_get(seL4_VMFault_FSR) >> HSR_EC, 0x20);
    next_step();
    return false;
}

/* Stage 1 of the guest: gigabyte blocks, normal memory; entry 5 is an alias of entry 1. */
static void begin_mmu(void)
{
    const seL4_Word block = 0x701; /* AF, inner shareable, attribute 0, block */

    ram[TABLES / 8 + 1] = RAM | block;
    ram[TABLES / 8 + 5] = RAM | block;
}

static bool mmu_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    if (is_hvc(label)) {
        check_equal("mmu_exits", faults_seen, 3);
        next_step();
        return false;
    }
    if (faults_seen == 1) {
        check_equal("alias_status_is_permission", microkit_mr_get(seL4_VMFault_FSR) & 0x3c, 0x0c);
        check_equal("alias_of_rom_address", microkit_mr_get(seL4_VMFault_Addr), ROM + 0x248);
    } else {
        check_equal("alias_of_hole_address", microkit_mr_get(seL4_VMFault_Addr), HOLE + 0x350);
    }
    emulate(x3, 0);
    return true;
}

/* ---- Interrupts ---- */

static seL4_Word acked[4];
static unsigned int acked_count;
static unsigned int ended; /* list registers with a maintenance event, a bit each */

static void inject_three(void)
{
    microkit_vcpu_arm_inject_irq(VCPU, 40, 2, 0, 0);
    microkit_vcpu_arm_inject_irq(VCPU, 1000, 1, 0, 2);
    microkit_vcpu_arm_inject_irq(VCPU, 42, 30, 1, 3);
}

static bool irq_fault(seL4_Word label, microkit_msginfo *reply)
{
    seL4_Word said = microkit_mr_get(0);

    if (label == seL4_Fault_VGICMaintenance) {
        ended |= 1U << said;
        return true;
    }
    expect_equal("interrupts: label", label, seL4_Fault_UnknownSyscall);
    if (said == -2UL) {
        inject_three();
    } else if (said == -1UL) {
        check_equal("injected_by_priority_first", acked[0], 1000);
        check_equal("injected_by_priority_second", acked[1], 40);
        check_equal("injected_group_1", acked[2], 42 | SAW_GROUP1);
        check_equal("injected_once_each", acked_count, 3);
        check_equal("maintenance_for_each", ended, 1U << 0 | 1U << 2 | 1U << 3);
        next_step();
        return false;
    } else {
        acked[acked_count++ % 4] = said;
    }
    return resume_hvc(reply);
}

/* First with the spinner, so that WFI traps; then without. */
static void begin_wfi(void)
{
    *data(0) = 0;
    timer_start(TICK);
}

static void wfi_timer(void)
{
    check_equal("wfi_is_reached", *data(0) != 0, 1);
    microkit_vcpu_arm_inject_irq(VCPU, 50, 0, 0, 0);
}

static void trapped_wfi_timer(void)
{
    check_equal("wfi_waits", *data(0), 1);
    microkit_vcpu_arm_inject_irq(VCPU, 50, 0, 0, 0);
}

static bool wfi_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    expect_equal("wfi: label", label, seL4_Fault_UnknownSyscall);
    check_equal("injection_ends_wfi", *data(0), 2);
    check_equal("injected_while_it_waited", microkit_mr_get(0), 50);
    next_step();
    return false;
}

/* An interrupt is pending before: WFI does not wait at all. */
static void begin_pending_wfi(void)
{
    *data(0) = 0;
    microkit_vcpu_arm_inject_irq(VCPU, 51, 0, 0, 1);
    timer_start(milliseconds(200));
}

static void pending_wfi_timer(void)
{
    check("pending_interrupt_passes_wfi", false);
    next_step();
}

static bool pending_wfi_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    timer_stop();
    check_equal("pending_interrupt_passes_wfi", label, seL4_Fault_UnknownSyscall);
    check_equal("injected_before_it_ran", microkit_mr_get(0), 51);
    next_step();
    return false;
}

static void stop_spinner(void)
{
    microkit_pd_stop(SPINNER);
    begin_wfi();
}

static unsigned int timer_events;

/* Counts the event of the virtual timer; anything else must be an HVC. */
static bool take_timer_event(seL4_Word label)
{
    if (label == seL4_Fault_VPPIEvent) {
        timer_events++;
        expect_equal("timer: INTID", microkit_mr_get(seL4_VPPIEvent_IRQ), VTIMER);
        return true;
    }
    expect_equal("timer: label", label, seL4_Fault_UnknownSyscall);
    return false;
}

static bool timer_fault(seL4_Word label, microkit_msginfo *reply)
{
    if (take_timer_event(label)) {
        return true;
    }
    if (microkit_mr_get(1) == 5) { /* CNTV_CTL: on, and its condition met */
        check_equal("timer_event_once_until_acked", timer_events, 1);
        microkit_mr_set(1, 0);
        microkit_vcpu_arm_ack_vppi(VCPU, VTIMER);
        return resume_hvc(reply);
    }
    check_equal("timer_event_again_after_ack", timer_events, 2);
    microkit_vcpu_arm_ack_vppi(VCPU, VTIMER);
    next_step();
    return false;
}

/* With the spinner again: the vCPU is off the core while its timer runs. */
static void begin_sleep(void)
{
    timer_events = 0;
    microkit_pd_resume(SPINNER);
    timer_start(milliseconds(500));
}

static bool sleep_fault(seL4_Word label, microkit_msginfo *reply)
{
    if (take_timer_event(label)) {
        return true;
    }
    (void)reply;
    timer_stop();
    check_equal("timer_ends_wfi", timer_events, 1);
    microkit_vcpu_arm_ack_vppi(VCPU, VTIMER);
    microkit_pd_stop(SPINNER);
    next_step();
    return false;
}

static void sleep_timer(void)
{
    check("timer_ends_wfi", false);
    check_done();
}

static const struct step steps[] = {
    {"state", ENTRY_STATE, NULL, state_fault, NULL},
    {"calls", ENTRY_CALLS, NULL, calls_fault, NULL},
    {"smc", ENTRY_SMC, NULL, smc_fault, NULL},
    {"registers", ENTRY_REGISTERS, NULL, registers_fault, NULL},
    {"read", ENTRY_READ, NULL, read_fault, NULL},
    {"write", ENTRY_WRITE, NULL, write_fault, NULL},
    {"rom", ENTRY_ROM, NULL, rom_fault, NULL},
    {"jump", ENTRY_JUMP, NULL, jump_fault, NULL},
    {"mmu", ENTRY_MMU, begin_mmu, mmu_fault, NULL},
    {"irq", ENTRY_IRQ, NULL, irq_fault, NULL},
    {"trapped wfi", ENTRY_WFI, begin_wfi, wfi_fault, trapped_wfi_timer},
    {"pending wfi", ENTRY_WFI, begin_pending_wfi, pending_wfi_fault, pending_wfi_timer},
    {"wfi", ENTRY_WFI, stop_spinner, wfi_fault, wfi_timer},
    {"timer", ENTRY_TIMER, NULL, timer_fault, NULL},
    {"sleep", ENTRY_SLEEP, begin_sleep, sleep_fault, sleep_timer},
    {"fp", ENTRY_FP, NULL, fp_fault, NULL},
    {"dump", ENTRY_DUMP, begin_dump, dump_fault, NULL},
    {"second", NO_ENTRY, begin_second, second_fault, NULL},
    {"set", ENTRY_SET, begin_set, set_fault, NULL},
    {"spin", ENTRY_SPIN, begin_spin, NULL, spin_timer},
    {"user", ENTRY_USER, begin_user, user_fault, NULL},
};

static unsigned int step_index;

static void begin_step(void)
{
    const struct step *step = &steps[step_index];

    faults_seen = 0;
    if (step->begin != NULL) {
        step->begin();
    }
    if (step->entry != NO_ENTRY) {
        microkit_vcpu_restart(VCPU, ENTRY(step->entry));
    }
}

void next_step(void)
{
    step_index++;
    begin_step();
}

void init(void)
{
    begin_step();
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    const struct step *step = &steps[step_index];
    seL4_Word label = microkit_msginfo_get_label(info);

    if (label == seL4_Fault_VGICMaintenance && step->fault != irq_fault) {
        return true; /* it may come as late as after the guest's next exit */
    }
    faults_seen++;
    if (step->fault == NULL || (child != VCPU && child != SECOND)) {
        check(step->name, false);
        check_done();
    }
    return step->fault(label, reply);
}

void notified(microkit_channel ch)
{
    const struct step *step = &steps[step_index];

    if (ch != TIMER || step->timer == NULL) {
        check(step->name, false);
        check_done();
    }
    timer_stop();
    microkit_irq_ack(TIMER);
    step->timer();
}
