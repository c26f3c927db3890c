/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Feature registers as a guest reads them (Arm ARM D13.2, ID_*): what a core has and a guest cannot
 * use, since its registers trap or are not switched, is not there. A field that no row keeps reads
 * as zero: that there is no such feature. So what the next core brings stays away until somebody
 * has thought of its registers.
 */
#include "kernel/vcpu/vcpu.h"

#define ROWS 8
#define ALL  (~0UL)

#define FIELD(shift)     (0xfUL << (shift))
#define IN(shift, value) ((uint64_t)(value) << (shift))

/* By CRm and op2. */
static const uint64_t kept[ROWS][8] = {
    [1] = {ALL,                    /* ID_PFR0_EL1: the AArch32 ones tell of EL0 only */
           ALL & ~FIELD(28),       /* ID_PFR1_EL1, without the GIC's registers */
           FIELD(0),               /* ID_DFR0_EL1 */
           0, ALL, ALL, ALL, ALL}, /* ID_MMFR0_EL1 to ID_MMFR3_EL1 */
    [2] = {ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL}, /* ID_ISAR0_EL1 …, ID_MMFR4_EL1, ID_ISAR6_EL1 */
    [3] = {ALL, ALL, ALL, 0, ALL, 0, ALL, 0},       /* MVFR0_EL1 …, ID_PFR2_EL1, ID_MMFR5_EL1 */
    [4] =
        {/* ID_AA64PFR0_EL1: EL0, EL1, FP, SIMD, GIC, RAS, DIT, CSV2, CSV3 */
         FIELD(0) | FIELD(4) | FIELD(16) | FIELD(20) | FIELD(24) | FIELD(28) | FIELD(48) |
             FIELD(56) | FIELD(60),
         /* ID_AA64PFR1_EL1: BT, SSBS */
         FIELD(0) | FIELD(4)},
    [5] =
        {/* ID_AA64DFR0_EL1: version, double lock; see below */
         FIELD(0) | FIELD(36)},
    [6] =
        {/* ID_AA64ISAR0_EL1: all but TME */
         ALL & ~FIELD(24),
         /* ID_AA64ISAR1_EL1: all but LS64 */
         ALL & ~FIELD(60),
         /* ID_AA64ISAR2_EL1: RPRES, GPA3, APA3, BC, PAC_frac, CLRBHB, CSSC */
         FIELD(4) | FIELD(8) | FIELD(12) | FIELD(20) | FIELD(24) | FIELD(28) | FIELD(52)},
    [7] =
        {
            /* ID_AA64MMFR0_EL1: all but FGT */
            ALL & ~FIELD(56),
            /* ID_AA64MMFR1_EL1: all but VMIDBits, VH, LO, TWED, HCX, CMOW */
            ALL & ~(FIELD(4) | FIELD(8) | FIELD(16) | FIELD(32) | FIELD(40) | FIELD(56)),
            /* ID_AA64MMFR2_EL1: all but NV, FWB, EVT */
            ALL & ~(FIELD(24) | FIELD(40) | FIELD(56))},
};

/* Fields in which a guest gets less than the core has: at most so much. */
static const struct {
    unsigned int crm;
    unsigned int op2;
    unsigned int shift;
    uint64_t limit;
} limits[] = {
    {4, 0, 24, 1}, /* ID_AA64PFR0_EL1.GIC: that of GICv4.1 is the same for who has no LPIs */
    {4, 0, 56, 1}, /* ID_AA64PFR0_EL1.CSV2: SCXTNUM_ELx trap */
    {7, 0, 0, 2},  /* ID_AA64MMFR0_EL1.PARange: 40 bits, as stage 2 has */
};

/* Breakpoints and watchpoints, two of each, are the least that there can be. */
#define DFR0_TWO_OF_EACH (IN(12, 1) | IN(20, 1))

/* Of what the core has and the machine's interrupt controller does not use. */
static uint64_t hidden(unsigned int crm, unsigned int op2)
{
    return crm == 4 && op2 == 0 && !gic->has_registers ? FIELD(24) : 0;
}

uint64_t feature_register(unsigned int crm, unsigned int op2)
{
    uint64_t value =
        arch_feature_register(crm, op2) & kept[crm % ROWS][op2 % 8] & ~hidden(crm, op2);

    for (unsigned int i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        uint64_t limit = IN(limits[i].shift, limits[i].limit);

        if (limits[i].crm == crm && limits[i].op2 == op2 &&
            (value & FIELD(limits[i].shift)) > limit) {
            value = (value & ~FIELD(limits[i].shift)) | limit;
        }
    }
    return crm == 5 && op2 == 0 ? value | DFR0_TWO_OF_EACH : value;
}
