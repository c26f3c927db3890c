/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every register that EL1 or EL0 may name on Cortex-A35, A53, A57, A72, A76 and Neoverse-N1, and
 * those that QEMU's "max" or later cores have on top, with what keeps what one guest writes there
 * from another. judge.c looks that nothing else answers, and that it is so.
 */
#ifndef SLUICE_TESTS_TARGET_REGISTERS_LIST_H
#define SLUICE_TESTS_TARGET_REGISTERS_LIST_H

/* op0, op1, CRn, CRm, op2, as the instruction has them */
#define NAME(op0, op1, crn, crm, op2) \
    (((op0)-2) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))
#define ONE(op0, op1, crn, crm, op2) NAME(op0, op1, crn, crm, op2), NAME(op0, op1, crn, crm, op2)

enum kind {
    SWITCHED,       /* each guest has its own */
    CHANGES,        /* … and changes it with each exception, or each comparison */
    FIXED,          /* says what the core is: cannot be written */
    FOLLOWS,        /* says something of a register that is switched */
    MOVES,          /* counters and random numbers: cannot be written, or with what they count to */
    ANSWERED,       /* traps; kernel/vcpu/sysreg.c: a constant, writes are ignored */
    UNDEFINED_HERE, /* traps, and is undefined; or the core has no such register */
};

struct entry {
    unsigned int first;
    unsigned int last;
    enum kind kind;
    const char *what;
};

static const struct entry list[] = {
    {NAME(2, 0, 0, 0, 0), NAME(2, 7, 15, 15, 7), ANSWERED,
     "debug, trace: MDCR_EL2.TDA, CPTR_EL2.TTA"},

    {NAME(3, 0, 0, 0, 0), NAME(3, 0, 0, 0, 7), FIXED,
     "MIDR_EL1, MPIDR_EL1 (VMPIDR_EL2), REVIDR_EL1"},
    {NAME(3, 0, 0, 1, 0), NAME(3, 0, 0, 7, 7), FIXED, "ID_*: kernel/vcpu/feature.c, HCR_EL2.TID3"},
    {ONE(3, 0, 1, 0, 0), SWITCHED, "SCTLR_EL1"},
    {ONE(3, 0, 1, 0, 1), ANSWERED, "ACTLR_EL1: HCR_EL2.TACR"},
    {ONE(3, 0, 1, 0, 2), SWITCHED, "CPACR_EL1"},
    {ONE(3, 0, 1, 0, 3), UNDEFINED_HERE, "SCTLR2_EL1: HCRX_EL2.SCTLR2En"},
    {NAME(3, 0, 1, 0, 5), NAME(3, 0, 1, 0, 6), UNDEFINED_HERE, "RGSR_EL1, GCR_EL1: HCR_EL2.ATA"},
    {ONE(3, 0, 1, 2, 0), UNDEFINED_HERE, "ZCR_EL1: CPTR_EL2.TZ"},
    {ONE(3, 0, 1, 2, 1), ANSWERED, "TRFCR_EL1: MDCR_EL2.TTRF"},
    {ONE(3, 0, 1, 2, 4), FIXED, "SMPRI_EL1: HFGRTR_EL2.nSMPRI_EL1, or nothing to write"},
    {ONE(3, 0, 1, 2, 6), UNDEFINED_HERE, "SMCR_EL1: CPTR_EL2.TSM"},
    {NAME(3, 0, 2, 0, 0), NAME(3, 0, 2, 0, 2), SWITCHED, "TTBR0_EL1, TTBR1_EL1, TCR_EL1"},
    {ONE(3, 0, 2, 0, 3), UNDEFINED_HERE, "TCR2_EL1: HCRX_EL2.TCR2En"},
    {NAME(3, 0, 2, 1, 0), NAME(3, 0, 2, 3, 1), SWITCHED, "AP*Key*_EL1, or the core has none"},
    {NAME(3, 0, 2, 5, 0), NAME(3, 0, 2, 5, 2), UNDEFINED_HERE, "GCS*: HFGRTR_EL2.nGCS_EL1"},
    {NAME(3, 0, 4, 0, 0), NAME(3, 0, 4, 0, 1), CHANGES, "SPSR_EL1, ELR_EL1"},
    {ONE(3, 0, 4, 1, 0), SWITCHED, "SP_EL0"},
    {NAME(3, 0, 4, 2, 0), NAME(3, 0, 4, 3, 0), CHANGES,
     "PSTATE: SPSel, CurrentEL, PAN, UAO, ALLINT"},
    {ONE(3, 0, 4, 6, 0), SWITCHED, "ICC_PMR_EL1: ICH_VMCR_EL2"},
    {NAME(3, 0, 5, 1, 0), NAME(3, 0, 5, 1, 1), SWITCHED, "AFSR0_EL1, AFSR1_EL1"},
    {ONE(3, 0, 5, 2, 0), CHANGES, "ESR_EL1"},
    {NAME(3, 0, 5, 3, 0), NAME(3, 0, 5, 5, 7), ANSWERED,
     "ERRIDR_EL1, ERRSELR_EL1, ERX*: HCR_EL2.TERR"},
    {NAME(3, 0, 5, 6, 0), NAME(3, 0, 5, 6, 1), UNDEFINED_HERE, "TFSR_EL1, TFSRE0_EL1: HCR_EL2.ATA"},
    {ONE(3, 0, 6, 0, 0), SWITCHED, "FAR_EL1"},
    {ONE(3, 0, 7, 4, 0), SWITCHED, "PAR_EL1"},
    {NAME(3, 0, 9, 9, 0), NAME(3, 0, 9, 11, 7), ANSWERED, "profiling: MDCR_EL2.TPMS, E2PB, E2TB"},
    {NAME(3, 0, 9, 14, 0), NAME(3, 0, 9, 14, 7), ANSWERED, "PMINTENSET_EL1, …: MDCR_EL2.TPM"},
    {ONE(3, 0, 10, 2, 0), SWITCHED, "MAIR_EL1"},
    {NAME(3, 0, 10, 2, 1), NAME(3, 0, 10, 2, 5), UNDEFINED_HERE,
     "MAIR2_EL1, PIR*, POR*: HFGRTR_EL2"},
    {ONE(3, 0, 10, 3, 0), SWITCHED, "AMAIR_EL1"},
    {ONE(3, 0, 10, 3, 1), UNDEFINED_HERE, "AMAIR2_EL1: HFGRTR_EL2"},
    {NAME(3, 0, 10, 4, 0), NAME(3, 0, 10, 5, 7), ANSWERED, "LOR*: HCR_EL2.TLOR; no core has MPAM"},
    {ONE(3, 0, 12, 0, 0), SWITCHED, "VBAR_EL1"},
    {NAME(3, 0, 12, 0, 1), NAME(3, 0, 12, 0, 2), UNDEFINED_HERE,
     "RVBAR_EL1, RMR_EL1: there is an EL2"},
    {ONE(3, 0, 12, 1, 0), FOLLOWS, "ISR_EL1"},
    {ONE(3, 0, 12, 1, 1), SWITCHED, "DISR_EL1: VDISR_EL2"},
    /* With a GICv3; with a GICv2 no core has them. */
    {ONE(3, 0, 12, 8, 0), FOLLOWS, "ICC_IAR0_EL1"},
    {ONE(3, 0, 12, 8, 2), FOLLOWS, "ICC_HPPIR0_EL1"},
    {ONE(3, 0, 12, 8, 3), SWITCHED, "ICC_BPR0_EL1: ICH_VMCR_EL2"},
    {NAME(3, 0, 12, 8, 4), NAME(3, 0, 12, 9, 3), SWITCHED,
     "ICC_AP0R<n>_EL1, ICC_AP1R<n>_EL1: ICH_AP0R<n>_EL2, ICH_AP1R<n>_EL2"},
    {ONE(3, 0, 12, 9, 5), FOLLOWS, "ICC_NMIAR1_EL1: of virtual NMIs, which nobody injects"},
    {ONE(3, 0, 12, 11, 3), FOLLOWS, "ICC_RPR_EL1"},
    {NAME(3, 0, 12, 11, 5), NAME(3, 0, 12, 11, 7), UNDEFINED_HERE,
     "ICC_SGI1R_EL1, ICC_ASGI1R_EL1, ICC_SGI0R_EL1: HCR_EL2.IMO; the VMM's"},
    {ONE(3, 0, 12, 12, 0), FOLLOWS, "ICC_IAR1_EL1"},
    {ONE(3, 0, 12, 12, 2), FOLLOWS, "ICC_HPPIR1_EL1"},
    {NAME(3, 0, 12, 12, 3), NAME(3, 0, 12, 12, 4), SWITCHED,
     "ICC_BPR1_EL1, ICC_CTLR_EL1: ICH_VMCR_EL2"},
    {ONE(3, 0, 12, 12, 5), FIXED, "ICC_SRE_EL1: ICC_SRE_EL2.Enable, or nothing to write"},
    {NAME(3, 0, 12, 12, 6), NAME(3, 0, 12, 12, 7), SWITCHED,
     "ICC_IGRPEN0_EL1, ICC_IGRPEN1_EL1: ICH_VMCR_EL2"},
    {ONE(3, 0, 13, 0, 1), SWITCHED, "CONTEXTIDR_EL1"},
    {ONE(3, 0, 13, 0, 4), SWITCHED, "TPIDR_EL1"},
    {ONE(3, 0, 13, 0, 5), UNDEFINED_HERE, "ACCDATA_EL1: HFGRTR_EL2.nACCDATA_EL1"},
    {ONE(3, 0, 13, 0, 7), UNDEFINED_HERE, "SCXTNUM_EL1: HCR_EL2.EnSCXT"},
    {ONE(3, 0, 14, 1, 0), SWITCHED, "CNTKCTL_EL1"},

    {ONE(3, 1, 0, 0, 0), FOLLOWS, "CCSIDR_EL1: CSSELR_EL1"},
    {ONE(3, 1, 0, 0, 1), FIXED, "CLIDR_EL1"},
    {ONE(3, 1, 0, 0, 2), FOLLOWS, "CCSIDR2_EL1"},
    {NAME(3, 1, 0, 0, 4), NAME(3, 1, 0, 0, 7), FIXED, "GMID_EL1, SMIDR_EL1, AIDR_EL1"},
    {ONE(3, 2, 0, 0, 0), SWITCHED, "CSSELR_EL1"},

    {ONE(3, 3, 0, 0, 1), FIXED, "CTR_EL0"},
    {ONE(3, 3, 0, 0, 7), FIXED, "DCZID_EL0"},
    {NAME(3, 3, 2, 4, 0), NAME(3, 3, 2, 4, 1), MOVES, "RNDR, RNDRRS"},
    {ONE(3, 3, 2, 5, 1), UNDEFINED_HERE, "GCSPR_EL0: HFGRTR_EL2.nGCS_EL0"},
    {NAME(3, 3, 4, 2, 0), NAME(3, 3, 4, 2, 7), CHANGES, "PSTATE: NZCV, DAIF, DIT, SSBS, TCO"},
    {NAME(3, 3, 4, 4, 0), NAME(3, 3, 4, 4, 1), SWITCHED, "FPCR, FPSR"},
    {ONE(3, 3, 4, 4, 2), UNDEFINED_HERE, "FPMR: HCRX_EL2.EnFPM"},
    {NAME(3, 3, 9, 12, 0), NAME(3, 3, 9, 14, 7), ANSWERED, "PMCR_EL0, …: MDCR_EL2.TPM, TPMCR"},
    {NAME(3, 3, 13, 0, 2), NAME(3, 3, 13, 0, 3), SWITCHED, "TPIDR_EL0, TPIDRRO_EL0"},
    {ONE(3, 3, 13, 0, 5), SWITCHED, "TPIDR2_EL0, or HFGRTR_EL2.nTPIDR2_EL0"},
    {ONE(3, 3, 13, 0, 7), UNDEFINED_HERE, "SCXTNUM_EL0: HCR_EL2.EnSCXT"},
    {NAME(3, 3, 13, 2, 0), NAME(3, 3, 13, 15, 7), ANSWERED, "activity monitors: CPTR_EL2.TAM"},
    {ONE(3, 3, 14, 0, 0), FIXED, "CNTFRQ_EL0"},
    {NAME(3, 3, 14, 0, 1), NAME(3, 3, 14, 0, 6), MOVES, "CNTPCT_EL0, CNTVCT_EL0, CNT*CTSS_EL0"},
    {NAME(3, 3, 14, 2, 0), NAME(3, 3, 14, 2, 2), ANSWERED, "CNTP_*_EL0: CNTHCTL_EL2.EL1PCEN"},
    {ONE(3, 3, 14, 3, 0), MOVES, "CNTV_TVAL_EL0"},
    {NAME(3, 3, 14, 3, 1), NAME(3, 3, 14, 3, 2), SWITCHED, "CNTV_CTL_EL0, CNTV_CVAL_EL0"},
    {NAME(3, 3, 14, 8, 0), NAME(3, 3, 14, 15, 7), ANSWERED, "PMEV*, PMCCFILTR_EL0: MDCR_EL2.TPM"},
};

/* Names of the implementation's own: HCR_EL2.TIDCP and ACTLR_EL2 make them trap, and the VMM
 * answers that they are undefined. Where that is missing (QEMU before 8.1) they have to be
 * constants. */
#define IS_OF_IMPLEMENTATION(name) ((name) >> 14 == 1 && (((name) >> 7 & 0xf) | 4) == 15)

/* Bits that a guest may turn over without losing itself, where that is not all of them. */
static const struct {
    unsigned int name;
    unsigned long bits;
} careful[] = {
    {NAME(3, 0, 1, 0, 0), 1UL << 26 | 1UL << 15 | 1UL << 14}, /* SCTLR_EL1: UCI, UCT, DZE */
    {NAME(3, 0, 1, 0, 2), 1UL << 28},                         /* CPACR_EL1: TTA */
    {NAME(3, 0, 4, 2, 0), 0},                                 /* SPSel */
    {NAME(3, 0, 4, 3, 0), 0},                                 /* ALLINT */
    {NAME(3, 0, 12, 0, 0), 0},                                /* VBAR_EL1: see tests/target/vcpu */
    {NAME(3, 0, 12, 0, 2), 0},                                /* RMR_EL1 */
    {NAME(3, 0, 12, 8, 1), 0},  /* ICC_EOIR0_EL1: it changes ICC_AP0R0_EL1 */
    {NAME(3, 0, 12, 12, 1), 0}, /* ICC_EOIR1_EL1 */
    {NAME(3, 0, 12, 12, 3), 5}, /* ICC_BPR1_EL1: above the least that it may be */
    {NAME(3, 0, 12, 12, 4), 2}, /* ICC_CTLR_EL1: EOImode, not CBPR, which ICC_BPR1_EL1 follows */
    {NAME(3, 2, 0, 0, 0), 2},   /* CSSELR_EL1 */
    {NAME(3, 3, 4, 2, 1), 0},   /* DAIF */
    {NAME(3, 3, 14, 3, 1), 2},  /* CNTV_CTL_EL0: IMASK */
};

#endif
