/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers below EL2: what a program at EL0 runs with, a guest's EL1 registers, and what the
 * hardware says about a trap. FP registers are fp.S's.
 */
#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"

/* EL0 under TGE without E2H is still governed by these EL1 registers. */
#define SCTLR_NATIVE                                                                           \
    (0x30d00800UL /* RES1 */ | 1UL << 2 /* C */ | 1UL << 4 /* SA0 */ | 1UL << 12 /* I */ |     \
     1UL << 14 /* DZE */ | 1UL << 15 /* UCT */ | 1UL << 16 /* nTWI */ | 1UL << 18 /* nTWE */ | \
     1UL << 26 /* UCI */)
#define CPACR_NATIVE   (3UL << 20)                 /* FPEN: no trap to EL1 */
#define CNTKCTL_NATIVE (1UL << 0 | 1UL << 1)       /* EL0: both counters */
#define CNTKCTL_OWNER  (CNTKCTL_NATIVE | 1UL << 9) /* … and EL1's physical timer */

/* CNTHCTL_EL2: the EL1 physical timer is not for guests, who have the virtual one. Of programs it
 * is for the one that has its interrupt: CNTKCTL_EL1 says so. (QEMU takes EL1PCEN for EL0's access
 * to the counter, too.) */
#define CNTHCTL_EL1PCTEN (1UL << 0)
#define CNTHCTL_EL1PCEN  (1UL << 1)

#define CNTV_ENABLE 1UL
#define CNTV_IMASK  2UL

/* ESR_EL2.ISS of aborts, and PAR_EL1 */
#define ISS_S1PTW           (1UL << 7)
#define ISS_FSC_TYPE        0x3cUL
#define ISS_FSC_TRANSLATION 0x04UL
#define ISS_FSC_ACCESS      0x08UL
#define ISS_FNV             (1UL << 10) /* FAR_EL2 says nothing */
#define PAR_F               (1UL << 0)
#define PAR_PA              0x0000fffffffff000UL
#define HPFAR_FIPA          0x00000ffffffffff0UL
#define PAGE_OFFSET         0xfffUL

#define PMUSERENR_ALL 0xfUL

#define PFR0_EL0         0xfUL /* ID_AA64PFR0_EL1 */
#define PFR0_EL0_AARCH32 2UL

#define VTTBR_VMID_SHIFT 48
#define VTTBR_VMID       (0xffffUL << VTTBR_VMID_SHIFT)

/* Two concatenated tables of level 1 with nothing in them. Of VMID 0: setup.c counts from 1. */
static const __attribute__((aligned(8192))) uint64_t nowhere[1024];

static uint64_t pmu_guest_mdcr; /* 0: nobody has the PMU */

void arch_thread_open_pmu(uint64_t guest_mdcr)
{
    pmu_guest_mdcr = guest_mdcr;
}

/* PMUSERENR_EL0 governs EL0 of programs, which MDCR_EL2 alone would let pass (decision 2). */
static void give_pmu(bool to_program)
{
    uint64_t traps = to_program ? MDCR_TPM | MDCR_TPMCR : 0;

    if (pmu_guest_mdcr != 0) {
        sysreg_write(mdcr_el2, pmu_guest_mdcr & ~traps);
        sysreg_write(pmuserenr_el0, to_program ? PMUSERENR_ALL : 0);
    }
}

bool arch_has_aarch32(void)
{
    return (sysreg_read(id_aa64pfr0_el1) & PFR0_EL0) == PFR0_EL0_AARCH32;
}

void arch_open_timer(bool open)
{
    sysreg_write(cntkctl_el1, open ? CNTKCTL_OWNER : CNTKCTL_NATIVE); /* in effect with the ERET */
}

uint64_t arch_stage2_base(uint64_t root, uint16_t vmid)
{
    return root | (uint64_t)vmid << VTTBR_VMID_SHIFT;
}

/* A core may walk the tables at any time, for an access or an AT that it only guesses at. While
 * registers of one translation regime are exchanged one by one it must find nothing, or the TLB
 * keeps entries that belong to neither (errata 1165522 of Cortex-A76, 1319367 of A72, 1319537 of
 * A57 and 1530923 of A55; and HCR_EL2.DC is permitted to be cached with the VMID, Arm ARM
 * D13.2.48). */
void arch_stage2_away(void)
{
    sysreg_write(vttbr_el2, (uint64_t)nowhere);
    isb();
}

void arch_stage2_forget(uint64_t stage2)
{
    sysreg_write(vttbr_el2, (uint64_t)nowhere | (stage2 & VTTBR_VMID));
    isb();
    tlbi(vmalle1);
    dsb_nsh();
    isb();
}

uint64_t arch_stage2_root(uint64_t base)
{
    return base & 0x0000fffffffffffeUL; /* VTTBR_EL2.BADDR: neither VMID nor CnP */
}

void arch_enter_native(uint64_t stage2, bool opens_timer)
{
    arch_stage2_away();
    sysreg_write(hcr_el2, HCR_NATIVE);
    sysreg_write(sctlr_el1, SCTLR_NATIVE);
    sysreg_write(cpacr_el1, CPACR_NATIVE);
    sysreg_write(cntkctl_el1, opens_timer ? CNTKCTL_OWNER : CNTKCTL_NATIVE);
    sysreg_write(cnthctl_el2, CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
    give_pmu(true);
    isb();
    sysreg_write(vttbr_el2, stage2); /* in effect with the ERET */
}

void arch_enter_other_native(uint64_t stage2)
{
    sysreg_write(vttbr_el2, stage2); /* in effect with the ERET */
}

static uint64_t guest_controls(bool trap_wfi)
{
    return trap_wfi ? arch_traps.hcr_guest | HCR_TWI | HCR_TWE : arch_traps.hcr_guest;
}

void arch_enter_guest(uint64_t stage2, const struct arch_vcpu *vcpu, bool trap_wfi)
{
    arch_stage2_away();
    sysreg_write(hcr_el2, guest_controls(trap_wfi));
    sysreg_write(sctlr_el1, vcpu->reg[ABI_VCPU_SCTLR]);
    sysreg_write(cpacr_el1, vcpu->reg[ABI_VCPU_CPACR]);
    sysreg_write(cntkctl_el1, vcpu->reg[ABI_VCPU_CNTKCTL_EL1]);
    sysreg_write(cnthctl_el2, CNTHCTL_EL1PCTEN);
    sysreg_write(cntv_ctl_el0, vcpu->reg[ABI_VCPU_CNTV_CTL]);
    give_pmu(false);
    isb();
    sysreg_write(vttbr_el2, stage2); /* in effect with the ERET */
}

void arch_guest_trap_wfi(bool trap_wfi)
{
    sysreg_write(hcr_el2, guest_controls(trap_wfi));
}

/* The timer goes on, masked: its level is down before another thread could be interrupted by it,
 * and to unmask it is all when the guest comes back. (To stop and start a timer is dear for an
 * emulator: each start wakes the thread that waits for the earliest of all timers.) */
void arch_leave_guest(struct arch_vcpu *vcpu)
{
    uint64_t control = sysreg_read(cntv_ctl_el0) & (CNTV_ENABLE | CNTV_IMASK);

    vcpu->reg[ABI_VCPU_SCTLR] = sysreg_read(sctlr_el1);
    vcpu->reg[ABI_VCPU_CPACR] = sysreg_read(cpacr_el1);
    vcpu->reg[ABI_VCPU_CNTKCTL_EL1] = sysreg_read(cntkctl_el1);
    vcpu->reg[ABI_VCPU_CNTV_CVAL] = sysreg_read(cntv_cval_el0);
    vcpu->reg[ABI_VCPU_CNTV_CTL] = control;
    sysreg_write(cntv_ctl_el0, control | CNTV_IMASK);
    isb();
}

/* Keys stay on the core with the vCPU's other registers, whoever runs meanwhile: the kernel uses
 * none, and programs cannot. So what they cost is paid when another vCPU needs the core. */
static void save_keys(uint64_t keys[ARCH_KEY_WORDS])
{
    keys[0] = sysreg_read(s3_0_c2_c1_0); /* APIAKeyLo_EL1 */
    keys[1] = sysreg_read(s3_0_c2_c1_1); /* APIAKeyHi_EL1 */
    keys[2] = sysreg_read(s3_0_c2_c1_2); /* APIBKeyLo_EL1 */
    keys[3] = sysreg_read(s3_0_c2_c1_3); /* APIBKeyHi_EL1 */
    keys[4] = sysreg_read(s3_0_c2_c2_0); /* APDAKeyLo_EL1 */
    keys[5] = sysreg_read(s3_0_c2_c2_1); /* APDAKeyHi_EL1 */
    keys[6] = sysreg_read(s3_0_c2_c2_2); /* APDBKeyLo_EL1 */
    keys[7] = sysreg_read(s3_0_c2_c2_3); /* APDBKeyHi_EL1 */
    keys[8] = sysreg_read(s3_0_c2_c3_0); /* APGAKeyLo_EL1 */
    keys[9] = sysreg_read(s3_0_c2_c3_1); /* APGAKeyHi_EL1 */
}

static void load_keys(const uint64_t keys[ARCH_KEY_WORDS])
{
    sysreg_write(s3_0_c2_c1_0, keys[0]);
    sysreg_write(s3_0_c2_c1_1, keys[1]);
    sysreg_write(s3_0_c2_c1_2, keys[2]);
    sysreg_write(s3_0_c2_c1_3, keys[3]);
    sysreg_write(s3_0_c2_c2_0, keys[4]);
    sysreg_write(s3_0_c2_c2_1, keys[5]);
    sysreg_write(s3_0_c2_c2_2, keys[6]);
    sysreg_write(s3_0_c2_c2_3, keys[7]);
    sysreg_write(s3_0_c2_c3_0, keys[8]);
    sysreg_write(s3_0_c2_c3_1, keys[9]);
}

void arch_vcpu_save(struct arch_vcpu *vcpu)
{
    uint64_t *reg = vcpu->reg;

    reg[ABI_VCPU_TTBR0] = sysreg_read(ttbr0_el1);
    reg[ABI_VCPU_TTBR1] = sysreg_read(ttbr1_el1);
    reg[ABI_VCPU_TCR] = sysreg_read(tcr_el1);
    reg[ABI_VCPU_MAIR] = sysreg_read(mair_el1);
    reg[ABI_VCPU_AMAIR] = sysreg_read(amair_el1);
    reg[ABI_VCPU_CIDR] = sysreg_read(contextidr_el1);
    reg[ABI_VCPU_ACTLR] = sysreg_read(actlr_el1);
    reg[ABI_VCPU_AFSR0] = sysreg_read(afsr0_el1);
    reg[ABI_VCPU_AFSR1] = sysreg_read(afsr1_el1);
    reg[ABI_VCPU_ESR] = sysreg_read(esr_el1);
    reg[ABI_VCPU_FAR] = sysreg_read(far_el1);
    reg[ABI_VCPU_PAR] = sysreg_read(par_el1);
    reg[ABI_VCPU_VBAR] = sysreg_read(vbar_el1);
    reg[ABI_VCPU_TPIDR_EL1] = sysreg_read(tpidr_el1);
    reg[ABI_VCPU_SP_EL1] = sysreg_read(sp_el1);
    reg[ABI_VCPU_ELR_EL1] = sysreg_read(elr_el1);
    reg[ABI_VCPU_SPSR_EL1] = sysreg_read(spsr_el1);
    vcpu->csselr = sysreg_read(csselr_el1);
    if (arch_traps.has_ras) {
        vcpu->disr = sysreg_read(s3_4_c12_c1_1); /* VDISR_EL2 */
    }
    if (arch_traps.has_tpidr2) {
        vcpu->tpidr2 = sysreg_read(s3_3_c13_c0_5); /* TPIDR2_EL0 */
    }
    if (arch_traps.has_keys) {
        save_keys(vcpu->keys);
    }
    sysreg_write(cntv_ctl_el0, 0);
}

void arch_vcpu_load(const struct arch_vcpu *vcpu)
{
    const uint64_t *reg = vcpu->reg;

    arch_stage2_away();
    sysreg_write(ttbr0_el1, reg[ABI_VCPU_TTBR0]);
    sysreg_write(ttbr1_el1, reg[ABI_VCPU_TTBR1]);
    sysreg_write(tcr_el1, reg[ABI_VCPU_TCR]);
    sysreg_write(mair_el1, reg[ABI_VCPU_MAIR]);
    sysreg_write(amair_el1, reg[ABI_VCPU_AMAIR]);
    sysreg_write(contextidr_el1, reg[ABI_VCPU_CIDR]);
    sysreg_write(actlr_el1, reg[ABI_VCPU_ACTLR]);
    sysreg_write(afsr0_el1, reg[ABI_VCPU_AFSR0]);
    sysreg_write(afsr1_el1, reg[ABI_VCPU_AFSR1]);
    sysreg_write(esr_el1, reg[ABI_VCPU_ESR]);
    sysreg_write(far_el1, reg[ABI_VCPU_FAR]);
    sysreg_write(par_el1, reg[ABI_VCPU_PAR]);
    sysreg_write(vbar_el1, reg[ABI_VCPU_VBAR]);
    sysreg_write(tpidr_el1, reg[ABI_VCPU_TPIDR_EL1]);
    sysreg_write(vmpidr_el2, reg[ABI_VCPU_VMPIDR_EL2]);
    sysreg_write(sp_el1, reg[ABI_VCPU_SP_EL1]);
    sysreg_write(elr_el1, reg[ABI_VCPU_ELR_EL1]);
    sysreg_write(spsr_el1, reg[ABI_VCPU_SPSR_EL1]);
    sysreg_write(csselr_el1, vcpu->csselr);
    if (arch_traps.has_ras) {
        sysreg_write(s3_4_c12_c1_1, vcpu->disr);
    }
    if (arch_traps.has_tpidr2) {
        sysreg_write(s3_3_c13_c0_5, vcpu->tpidr2);
    }
    if (arch_traps.has_keys) {
        load_keys(vcpu->keys);
    }
    sysreg_write(cntvoff_el2, reg[ABI_VCPU_CNTVOFF]);
    sysreg_write(cntv_cval_el0, reg[ABI_VCPU_CNTV_CVAL]);
}

void arch_tls_save(uint64_t *tpidr_el0, uint64_t *tpidrro_el0)
{
    *tpidr_el0 = sysreg_read(tpidr_el0);
    *tpidrro_el0 = sysreg_read(tpidrro_el0);
}

uint64_t arch_tls_save_program(void)
{
    return sysreg_read(tpidr_el0);
}

void arch_tls_load(uint64_t tpidr_el0, uint64_t tpidrro_el0)
{
    sysreg_write(tpidr_el0, tpidr_el0);
    sysreg_write(tpidrro_el0, tpidrro_el0);
}

uint64_t arch_syndrome(void)
{
    return sysreg_read(esr_el2);
}

uint64_t arch_fault_address(void)
{
    return sysreg_read(far_el2);
}

uint64_t arch_fault_pc(void)
{
    return sysreg_read(elr_el2);
}

void arch_skip_trapped(void)
{
    sysreg_write(elr_el2, sysreg_read(elr_el2) + 4);
}

/* HPFAR_EL2 is written for translation and access flag faults, and for any in a stage-1 walk (Arm
 * ARM, HPFAR_EL2), not for a permission fault or an external abort of the access itself. */
static bool has_hpfar(uint64_t syndrome)
{
    uint64_t type = syndrome & ISS_FSC_TYPE;

    return type == ISS_FSC_TRANSLATION || type == ISS_FSC_ACCESS || (syndrome & ISS_S1PTW) != 0;
}

uint64_t arch_fault_ipa(uint64_t syndrome)
{
    uint64_t far = sysreg_read(far_el2);
    uint64_t saved_par;
    uint64_t par;

    if (has_hpfar(syndrome)) {
        return (sysreg_read(hpfar_el2) & HPFAR_FIPA) << 8 | (far & PAGE_OFFSET);
    }
    if ((syndrome & ISS_FNV) != 0) {
        return 0;
    }
    saved_par = sysreg_read(par_el1); /* the guest's */
    at(s1e1r, far);
    isb();
    par = sysreg_read(par_el1);
    sysreg_write(par_el1, saved_par);
    if ((par & PAR_F) != 0) {
        return far & PAGE_OFFSET; /* the guest changed its tables meanwhile: let it try again */
    }
    return (par & PAR_PA) | (far & PAGE_OFFSET);
}
