/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual CPUs as a VMM sees them: how they start, what each kind of exit says, what replies do,
 * injection, the virtual timer, registers. One step after the other; each starts a vCPU at a piece
 * of payload.S and ends when the exits that it waits for have come.
 */
#include "tests/target/vcpu/payload.h"

#include <stddef.h>

#include "tests/target/lib/check.h"

#define TIMER   1
#define VCPU    3
#define SECOND  4
#define SPINNER 9

#define TCB        (BASE_VM_TCB_CAP + VCPU)
#define TICK       milliseconds(2)
#define ENTRY(n)   (RAM + (seL4_Word)(n)*ENTRY_SIZE)
#define HSR_EC     26
#define SPSR_MODE  0x1fUL
#define SPSR_EL1H  5
#define SCTLR_INIT 0x34d58820UL
#define VTIMER     27

volatile seL4_Word *ram = (seL4_Word *)1;

struct step {
    const char *name;
    unsigned int entry;
    void (*begin)(void); /* before the vCPU starts; may be NULL */
    bool (*fault)(seL4_Word label, microkit_msginfo *reply);
    void (*timer)(void);
};

static void next_step(void);

static unsigned int faults_seen; /* in this step */

static volatile seL4_Word *data(unsigned int word)
{
    return &ram[DATA / 8 + word];
}

static void read_context(seL4_UserContext *context)
{
    expect_equal("read registers", seL4_TCB_ReadRegisters(TCB, 0, 0, 36, context), 0);
}

static void write_context(seL4_UserContext *context)
{
    expect_equal("write registers", seL4_TCB_WriteRegisters(TCB, 0, 0, 36, context), 0);
}

/* The answer to an HVC with which the guest goes on behind it. */
static bool resume_hvc(microkit_msginfo *reply)
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

static seL4_Word *x5(seL4_UserContext *context)
{
    return &context->x5;
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

static bool registers_fault(seL4_Word label, microkit_msginfo *reply)
{
    seL4_Word syndrome = microkit_mr_get(seL4_VCPUFault_HSR);

    (void)reply;
    if (is_hvc(label)) {
        check_equal("four_registers_trap", faults_seen, 5);
        check_equal("emulated_register", microkit_mr_get(0), 0x103);
        next_step();
        return false;
    }
    expect_equal("trapped register: label", label, seL4_Fault_VCPUFault);
    expect_equal("trapped register: class", syndrome >> HSR_EC, 0x18);
    expect_equal("trapped register: Rt", syndrome >> 5 & 0x1f, 5);
    expect_equal("trapped register: direction", syndrome & 1, faults_seen < 4);
    emulate(x5, faults_seen < 4 ? 0x100UL + faults_seen : 0x103);
    return true;
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
        check_equal("injected_group_1", acked[2], 42);
        check_equal("injected_once_each", acked_count, 3);
        check_equal("maintenance_for_each", ended, 1U << 0 | 1U << 2 | 1U << 3);
        next_step();
        return false;
    } else {
        acked[acked_count++ % 4] = said & 0x3ff;
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

static bool timer_fault(seL4_Word label, microkit_msginfo *reply)
{
    if (label == seL4_Fault_VPPIEvent) {
        timer_events++;
        expect_equal("timer: INTID", microkit_mr_get(seL4_VPPIEvent_IRQ), VTIMER);
        return true;
    }
    expect_equal("timer: label", label, seL4_Fault_UnknownSyscall);
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

/* ---- Registers ---- */

static bool fp_fault(seL4_Word label, microkit_msginfo *reply)
{
    expect_equal("fp: label", label, seL4_Fault_UnknownSyscall);
    if (faults_seen == 1) {
        __asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\t"
                         ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "
                         "16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
                         "movi v\\n\\().16b, #0xee\n\t"
                         ".endr");
        return resume_hvc(reply);
    }
    check_equal("fp_registers_survive", microkit_mr_get(0), 0);
    next_step();
    return false;
}

/* What the VMM writes, in the order in which the guest dumps. ESR, PAR, CONTEXTIDR: 32 bits or
 * bits that the hardware defines. */
static const struct {
    const char *name;
    seL4_VCPUReg reg;
    seL4_Word value;
} patterns[] = {
    {"ttbr0", seL4_VCPUReg_TTBR0, 0x0001000011111000UL},
    {"ttbr1", seL4_VCPUReg_TTBR1, 0x0002000022222000UL},
    {"tcr", seL4_VCPUReg_TCR, 0x0000000200803519UL},
    {"mair", seL4_VCPUReg_MAIR, 0x00444466ff00bb04UL},
    {"contextidr", seL4_VCPUReg_CIDR, 0x12345678UL},
    {"vbar", seL4_VCPUReg_VBAR, 0xffff000033333800UL},
    {"tpidr", seL4_VCPUReg_TPIDR_EL1, 0x4444444444444444UL},
    {"mpidr", seL4_VCPUReg_VMPIDR_EL2, 0x80000003UL},
    {"sp", seL4_VCPUReg_SP_EL1, 0x5555555555555550UL},
    {"elr", seL4_VCPUReg_ELR_EL1, 0x6666666666666664UL},
    {"far", seL4_VCPUReg_FAR, 0x7777777777777777UL},
    {"esr", seL4_VCPUReg_ESR, 0x56000088UL},
    {"par", seL4_VCPUReg_PAR, 0x0000000088888080UL},
    {"cntv_cval", seL4_VCPUReg_CNTV_CVAL, 0x99999999999999UL},
};

#define PATTERN_COUNT (sizeof(patterns) / sizeof(patterns[0]))
#define DUMP_OFFSET   14
#define DUMP_EL       15

static void begin_dump(void)
{
    for (unsigned int reg = 0; reg < seL4_VCPUReg_Num; reg++) {
        seL4_Word before = microkit_vcpu_arm_read_reg(VCPU, reg);

        microkit_vcpu_arm_write_reg(VCPU, reg, 0x1000UL + reg);
        expect_equal("write and read", microkit_vcpu_arm_read_reg(VCPU, reg), 0x1000UL + reg);
        microkit_vcpu_arm_write_reg(VCPU, reg, before);
    }
    check("every_register_is_written_and_read", true);
    for (unsigned int i = 0; i < PATTERN_COUNT; i++) {
        microkit_vcpu_arm_write_reg(VCPU, patterns[i].reg, patterns[i].value);
    }
    microkit_vcpu_arm_write_reg(VCPU, seL4_VCPUReg_CNTVOFF, milliseconds(3600000));
}

static void check_dump(void)
{
    seL4_Word behind = -*data(DUMP_OFFSET); /* the virtual counter behind the physical one */

    for (unsigned int i = 0; i < PATTERN_COUNT; i++) {
        check_equal(patterns[i].name, *data(i), patterns[i].value);
    }
    check_range("cntvoff", behind, milliseconds(3600000) - milliseconds(1000),
                milliseconds(3600000));
    check_equal("el", *data(DUMP_EL) >> 2, 1);
}

/* The second vCPU runs between two dumps of the first, with registers of its own. */
static bool dump_fault(seL4_Word label, microkit_msginfo *reply)
{
    expect_equal("dump: label", label, seL4_Fault_UnknownSyscall);
    check_dump();
    if (faults_seen == 1) {
        return resume_hvc(reply);
    }
    microkit_vcpu_restart(SECOND, ENTRY(ENTRY_DUMP));
    next_step();
    return false;
}

static bool second_fault(seL4_Word label, microkit_msginfo *reply)
{
    expect_equal("second: label", label, seL4_Fault_UnknownSyscall);
    if (faults_seen == 1) {
        seL4_Word sum = 0;

        for (unsigned int i = 0; i < PATTERN_COUNT; i++) {
            sum |= *data(i);
        }
        check_equal("second_vcpu_has_its_own_registers", sum, 0);
        check_range("second_vcpu_has_its_own_time", *data(DUMP_OFFSET), 0, milliseconds(1000));
        microkit_vcpu_stop(SECOND);
        microkit_vcpu_restart(VCPU, ENTRY(ENTRY_DUMP));
        return false;
    }
    (void)reply;
    check_dump();
    next_step();
    return false;
}

static seL4_Word spin_count;

static void begin_spin(void)
{
    *data(0) = 0;
    spin_count = 0;
    timer_start(TICK);
}

static void spin_timer(void)
{
    static unsigned int ticks;
    bool changed = *data(0) != spin_count;

    spin_count = *data(0);
    timer_start(TICK);
    switch (++ticks) {
    case 1:
        check("vcpu_runs", changed);
        microkit_vcpu_stop(VCPU);
        spin_count = *data(0);
        break;
    case 2:
        check("stopped_vcpu_stands", !changed);
        expect_equal("resume", seL4_TCB_Resume(TCB), 0);
        break;
    default:
        check("resumed_vcpu_runs", changed);
        timer_stop();
        microkit_vcpu_stop(VCPU);
        next_step();
        break;
    }
}

static void check_spsr(const char *name, seL4_Word written, seL4_Word expected)
{
    seL4_UserContext context;

    read_context(&context);
    context.spsr = written;
    write_context(&context);
    read_context(&context);
    check_equal(name, context.spsr & SPSR_MODE, expected);
}

/* From EL2h, which the kernel makes EL1h; that it was is seen in the guest's user space. */
static void begin_user(void)
{
    microkit_vcpu_stop(VCPU);
    check_spsr("spsr_el0t", 0x3c0, 0);
    check_spsr("spsr_el1t", 0x3c4, 4);
    check_spsr("spsr_el1h", 0x3c5, 5);
    check_spsr("spsr_el3h_is_forced", 0x3cd, SPSR_EL1H);
    check_spsr("spsr_aarch32_is_forced", 0x1d3, SPSR_EL1H);
    check_spsr("spsr_aarch32_user_is_forced", 0x1d0, SPSR_EL1H);
    check_spsr("spsr_el2h_is_forced", 0x3c9, SPSR_EL1H);
}

static bool user_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    check_equal("hvc_from_guest_kernel", label, seL4_Fault_UnknownSyscall);
    check_equal("guest_svc_is_the_guests", microkit_mr_get(0) >> HSR_EC, 0x15);
    check_equal("guest_svc_immediate", microkit_mr_get(0) & 0xffff, 5);
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
    {"fp", ENTRY_FP, NULL, fp_fault, NULL},
    {"dump", ENTRY_DUMP, begin_dump, dump_fault, NULL},
    {"second", ENTRY_SPIN, NULL, second_fault, NULL},
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
    if (step->fault != second_fault) { /* which started the other vCPU */
        microkit_vcpu_restart(VCPU, ENTRY(step->entry));
    }
}

static void next_step(void)
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
