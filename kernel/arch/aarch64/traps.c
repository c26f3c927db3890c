/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What traps of what guests and programs do, set on each core by what that core has. A register
 * below EL2 is switched with its thread, or an access to it traps; tests/target/registers holds the
 * list, and looks that there is no other.
 */
#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"

#define FIELD(value, shift) ((value) >> (shift)&0xf)

/* ID_AA64PFR0_EL1, ID_AA64PFR1_EL1 */
#define PFR0_RAS 28
#define PFR0_AMU 44
#define PFR1_SME 24
/* Pointer authentication, by algorithm, of addresses and generic: ID_AA64ISAR1_EL1.APA, API, GPA,
 * GPI; ID_AA64ISAR2_EL1.GPA3, APA3 */
#define ISAR1_KEYS (0xfUL << 4 | 0xfUL << 8 | 0xfUL << 24 | 0xfUL << 28)
#define ISAR2_KEYS (0xfUL << 8 | 0xfUL << 12)
/* ID_AA64DFR0_EL1 */
#define DFR0_TRACE        4
#define DFR0_PMS          32
#define DFR0_TRACE_FILTER 40
/* ID_AA64MMFR0_EL1, ID_AA64MMFR1_EL1 */
#define MMFR0_FGT 56
#define MMFR1_LO  16
#define MMFR1_HCX 40

#define HCR_TSW  (1UL << 22) /* cache maintenance by set and way traps */
#define HCR_TID3 (1UL << 18) /* feature registers trap */
#define HCR_TLOR (1UL << 35) /* LORegions */
#define HCR_TERR (1UL << 36) /* error records */
#define HCR_TEA  (1UL << 37) /* external aborts come to EL2 */
/* A one allows. Guests have keys of their own; under TGE, with no keys that were meant for them,
 * programs have none (HCR_NATIVE): for them the instructions do nothing, as SCTLR_NATIVE enables
 * none, and PACGA, which nothing enables, traps. */
#define HCR_APK (1UL << 40) /* registers of keys */
#define HCR_API (1UL << 41) /* instructions that use them */
/* Clear, since there a one allows, too: ATA (memory tags), EnSCXT, FIEN (fault injection). */

#define CPTR_RES1 0x33ffUL /* TZ and TSM, too, where there is SVE or SME */
#define CPTR_TFP  (1UL << 10)
#define CPTR_TTA  (1UL << 20) /* trace */
#define CPTR_TAM  (1UL << 30) /* activity monitors */

/* Debug registers, performance monitors, profiling and trace trap, the buffers of the last two by
 * zeroes in E2PB and E2TB; HPMN keeps its reset value. */
#define MDCR_HPMN  0x1fUL
#define MDCR_TDA   (1UL << 9)
#define MDCR_TDOSA (1UL << 10)
#define MDCR_TDRA  (1UL << 11)
#define MDCR_TPMS  (1UL << 14)
#define MDCR_TTRF  (1UL << 19)

struct arch_traps arch_traps;

static uint64_t if_there(uint64_t id, unsigned int shift, uint64_t bits)
{
    return FIELD(id, shift) != 0 ? bits : 0;
}

static bool has_keys(void)
{
    return (sysreg_read(id_aa64isar1_el1) & ISAR1_KEYS) != 0 ||
           (sysreg_read(s3_0_c0_c6_2) & ISAR2_KEYS) != 0; /* ID_AA64ISAR2_EL1 */
}

/* Fine-grained traps and HCRX_EL2: what came with them or after them is allowed by ones. */
static void close_fine_grained(uint64_t mmfr0, uint64_t mmfr1)
{
    if (FIELD(mmfr0, MMFR0_FGT) != 0) {
        sysreg_write(s3_4_c1_c1_4, 0); /* HFGRTR_EL2 */
        sysreg_write(s3_4_c1_c1_5, 0); /* HFGWTR_EL2 */
        sysreg_write(s3_4_c1_c1_6, 0); /* HFGITR_EL2 */
        sysreg_write(s3_4_c3_c1_4, 0); /* HDFGRTR_EL2 */
        sysreg_write(s3_4_c3_c1_5, 0); /* HDFGWTR_EL2 */
    }
    if (FIELD(mmfr0, MMFR0_FGT) > 1) {
        sysreg_write(s3_4_c3_c1_2, 0); /* HFGRTR2_EL2 */
        sysreg_write(s3_4_c3_c1_3, 0); /* HFGWTR2_EL2 */
        sysreg_write(s3_4_c3_c1_7, 0); /* HFGITR2_EL2 */
        sysreg_write(s3_4_c3_c1_0, 0); /* HDFGRTR2_EL2 */
        sysreg_write(s3_4_c3_c1_1, 0); /* HDFGWTR2_EL2 */
    }
    if (FIELD(mmfr1, MMFR1_HCX) != 0) {
        sysreg_write(s3_4_c1_c2_2, 0); /* HCRX_EL2 */
    }
}

void arch_traps_init(void)
{
    uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1);
    uint64_t pfr1 = sysreg_read(id_aa64pfr1_el1);
    uint64_t dfr0 = sysreg_read(id_aa64dfr0_el1);
    uint64_t mmfr0 = sysreg_read(id_aa64mmfr0_el1);
    uint64_t mmfr1 = sysreg_read(id_aa64mmfr1_el1);
    bool has_fine_grained = FIELD(mmfr0, MMFR0_FGT) != 0;

    arch_traps.has_keys = has_keys();
    arch_traps.hcr_guest = HCR_COMMON | HCR_PTW | HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TSW |
                           HCR_TID3 | if_there(pfr0, PFR0_RAS, HCR_TERR | HCR_TEA) |
                           if_there(mmfr1, MMFR1_LO, HCR_TLOR) |
                           (arch_traps.has_keys ? HCR_APK | HCR_API : 0);
    arch_traps.cptr =
        CPTR_RES1 | if_there(dfr0, DFR0_TRACE, CPTR_TTA) | if_there(pfr0, PFR0_AMU, CPTR_TAM);
    arch_traps.has_ras = FIELD(pfr0, PFR0_RAS) != 0;
    arch_traps.has_tpidr2 = FIELD(pfr1, PFR1_SME) != 0 && !has_fine_grained;
    sysreg_write(cptr_el2, arch_traps.cptr | CPTR_TFP);
    sysreg_write(hstr_el2, 0);
    sysreg_write(mdcr_el2, (sysreg_read(mdcr_el2) & MDCR_HPMN) | MDCR_TPMCR | MDCR_TPM | MDCR_TDA |
                               MDCR_TDOSA | MDCR_TDRA | if_there(dfr0, DFR0_PMS, MDCR_TPMS) |
                               if_there(dfr0, DFR0_TRACE_FILTER, MDCR_TTRF));
    sysreg_write(actlr_el2, 0); /* registers of the implementation are not EL1's */
    close_fine_grained(mmfr0, mmfr1);
}

void arch_fp_trap(bool trap)
{
    sysreg_write(cptr_el2, trap ? arch_traps.cptr | CPTR_TFP : arch_traps.cptr);
    isb();
}
