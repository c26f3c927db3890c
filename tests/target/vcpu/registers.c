/* SPDX-License-Identifier: BSD-2-Clause */
/* README: guests in AArch32, nested virtualisation, live migration */
/* Registers of vCPUs: kept apart, written and read by the VMM, and what may be written. */
#include "tests/target/vcpu/vmm.h"

bool fp_fault(seL4_Word label, microkit_msginfo *reply)
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

/* EL1 registers in the order in which the guest dumps them, what the VMM writes into them, and what
 * the guest does later: bits that the hardware keeps. */
static const struct {
    const char *name;
    seL4_VCPUReg reg;
    seL4_Word written;
    seL4_Word set;
} registers[] = {
    {"ttbr0", seL4_VCPUReg_TTBR0, 0x0001000011111000UL, 0x0003000011122000UL},
    {"ttbr1", seL4_VCPUReg_TTBR1, 0x0002000022222000UL, 0x0004000022233000UL},
    {"tcr", seL4_VCPUReg_TCR, 0x0000000200803519UL, 0x0000000200803518UL},
    {"mair", seL4_VCPUReg_MAIR, 0x00444466ff00bb04UL, 0x04bb00ff66444400UL},
    {"contextidr", seL4_VCPUReg_CIDR, 0x12345678UL, 0x23456789UL},
    {"vbar", seL4_VCPUReg_VBAR, 0xffff000033333800UL, 0xffff000044444000UL},
    {"tpidr", seL4_VCPUReg_TPIDR_EL1, 0x4444444444444444UL, 0x5555444444444444UL},
    {"mpidr", seL4_VCPUReg_VMPIDR_EL2, 0x80000003UL, 0x80000003UL},
    {"sp", seL4_VCPUReg_SP_EL1, 0x5555555555555550UL, 0x6666555555555550UL},
    {"elr", seL4_VCPUReg_ELR_EL1, 0x6666666666666664UL, 0x7777666666666664UL},
    {"far", seL4_VCPUReg_FAR, 0x7777777777777777UL, 0x8888777777777777UL},
    {"esr", seL4_VCPUReg_ESR, 0x56000088UL, 0x5a000099UL},
    {"par", seL4_VCPUReg_PAR, 0x0000000088888080UL, 0x0000000099999080UL},
    {"cntv_cval", seL4_VCPUReg_CNTV_CVAL, 0x99999999999999UL, 0xaaaaaaaaaaaaaaUL},
};

#define REGISTER_COUNT (sizeof(registers) / sizeof(registers[0]))
#define DUMP_OFFSET    14
#define DUMP_EL        15

void begin_dump(void)
{
    seL4_Word wrong = 0;

    for (unsigned int reg = 0; reg < seL4_VCPUReg_Num; reg++) {
        seL4_Word before = microkit_vcpu_arm_read_reg(VCPU, reg);

        microkit_vcpu_arm_write_reg(VCPU, reg, 0x1000UL + reg);
        wrong |= (seL4_Word)(microkit_vcpu_arm_read_reg(VCPU, reg) != 0x1000UL + reg) << reg;
        microkit_vcpu_arm_write_reg(VCPU, reg, before);
    }
    check_equal("every_register_is_written_and_read", wrong, 0);
    for (unsigned int i = 0; i < REGISTER_COUNT; i++) {
        microkit_vcpu_arm_write_reg(VCPU, registers[i].reg, registers[i].written);
    }
    microkit_vcpu_arm_write_reg(VCPU, seL4_VCPUReg_CNTVOFF, milliseconds(3600000));
}

/* What the guest found in its registers: what the VMM wrote, or what it set itself. */
static void check_dump(const char *name, bool was_set)
{
    seL4_Word behind = -*data(DUMP_OFFSET); /* the virtual counter behind the physical one */
    seL4_Word wrong = 0;

    for (unsigned int i = 0; i < REGISTER_COUNT; i++) {
        seL4_Word expected = was_set ? registers[i].set : registers[i].written;

        expect_equal(registers[i].name, *data(i), expected);
        wrong |= (seL4_Word)(*data(i) != expected) << i;
    }
    check_equal(name, wrong, 0);
    check_range("virtual_time_is_behind", behind, milliseconds(3599000), milliseconds(3600000));
    check_equal("still_at_el1", *data(DUMP_EL) >> 2, 1);
}

bool dump_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    expect_equal("dump: label", label, seL4_Fault_UnknownSyscall);
    check_dump("guest_finds_what_the_vmm_wrote", false);
    next_step();
    return false;
}

/* The second vCPU, whose registers have never been anything but zero. */
static void check_second(void)
{
    seL4_Word sum = 0;

    for (unsigned int i = 0; i < REGISTER_COUNT; i++) {
        sum |= *data(i);
    }
    check_equal("second_vcpu_has_its_own_registers", sum, 0);
    check_range("second_vcpu_has_its_own_time", *data(DUMP_OFFSET), 0, milliseconds(1000));
    microkit_vcpu_stop(SECOND);
}

void begin_second(void)
{
    microkit_vcpu_restart(SECOND, ENTRY(ENTRY_DUMP));
}

bool second_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    expect_equal("second: label", label, seL4_Fault_UnknownSyscall);
    if (faults_seen == 1) {
        check_second();
        microkit_vcpu_restart(VCPU, ENTRY(ENTRY_DUMP));
    } else {
        check_dump("written_registers_survive_the_other_vcpu", false);
        next_step();
    }
    return false;
}

void begin_set(void)
{
    for (unsigned int i = 0; i < REGISTER_COUNT; i++) {
        *data(DUMP_WORDS + i) = registers[i].set;
    }
}

bool set_fault(seL4_Word label, microkit_msginfo *reply)
{
    seL4_Word wrong = 0;

    (void)reply;
    expect_equal("set: label", label, seL4_Fault_UnknownSyscall);
    if (faults_seen == 1) {
        begin_second();
    } else if (faults_seen == 2) {
        check_second();
        for (unsigned int i = 0; i < REGISTER_COUNT; i++) {
            seL4_Word found = microkit_vcpu_arm_read_reg(VCPU, registers[i].reg);

            wrong |= (seL4_Word)(found != registers[i].set) << i;
        }
        check_equal("vmm_reads_what_the_guest_set", wrong, 0);
        microkit_vcpu_restart(VCPU, ENTRY(ENTRY_DUMP));
    } else {
        check_dump("set_registers_survive_the_other_vcpu", true);
        next_step();
    }
    return false;
}

static seL4_Word spin_count;

void begin_spin(void)
{
    *data(0) = 0;
    spin_count = 0;
    timer_start(TICK);
}

void spin_timer(void)
{
    static unsigned int ticks;
    bool changed = *data(0) != spin_count;

    spin_count = *data(0);
    switch (++ticks) {
    case 1:
        check("vcpu_runs", changed);
        microkit_vcpu_stop(VCPU);
        spin_count = *data(0);
        timer_start(TICK);
        break;
    case 2:
        check("stopped_vcpu_stands", !changed);
        expect_equal("resume", seL4_TCB_Resume(TCB), 0);
        timer_start(TICK);
        break;
    default:
        check("resumed_vcpu_runs", changed);
        microkit_vcpu_stop(VCPU);
        next_step();
        break;
    }
}

/* What the mode is after a write that may be refused; only then it stays what it was. */
static void check_spsr(const char *name, seL4_Word written, seL4_Error error, seL4_Word expected)
{
    seL4_UserContext context;

    read_context(&context);
    context.spsr = written;
    expect_equal(name, (seL4_Word)seL4_TCB_WriteRegisters(TCB, 0, 0, 36, &context), error);
    read_context(&context);
    check_equal(name, context.spsr & SPSR_MODE, expected);
}

/* Whatever was asked for, it goes on at EL1h, which is seen in its user space. */
void begin_user(void)
{
    microkit_vcpu_stop(VCPU);
    check_spsr("spsr_el0t", 0x3c0, seL4_NoError, 0);
    check_spsr("spsr_el1t", 0x3c4, seL4_NoError, 4);
    check_spsr("spsr_aarch32_user", 0x1d0, seL4_NoError, 0x10);
    check_spsr("spsr_el1h", 0x3c5, seL4_NoError, 5);
    check_spsr("spsr_el3h_is_refused", 0x3cd, seL4_InvalidArgument, SPSR_EL1H);
    check_spsr("spsr_aarch32_is_refused", 0x1d3, seL4_InvalidArgument, SPSR_EL1H);
    check_spsr("spsr_el2h_is_refused", 0x3c9, seL4_InvalidArgument, SPSR_EL1H);
}

bool user_fault(seL4_Word label, microkit_msginfo *reply)
{
    (void)reply;
    check_equal("hvc_from_guest_kernel", label, seL4_Fault_UnknownSyscall);
    check_equal("guest_svc_is_the_guests", microkit_mr_get(0) >> HSR_EC, 0x15);
    check_equal("guest_svc_immediate", microkit_mr_get(0) & 0xffff, 5);
    check_done();
}
