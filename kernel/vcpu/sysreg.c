/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's accesses to registers that trap because they are not switched, and of which its VMM
 * hears nothing, since on seL4 they do not trap (contract.md, section 6): they read as what is in
 * the tables here, mostly zero, and ignore writes. Feature registers read as feature.c says, and
 * cache maintenance by set and way is done, on which a guest that turns its caches off depends
 * (docs/decisions/0007). All others are the VMM's.
 */
#include <stddef.h>

#include "kernel/vcpu/vcpu.h"

#define ESR_EC(syndrome) ((unsigned int)((syndrome) >> 26 & 0x3f))
#define EC_AARCH64       0x18

/* ISS of a trapped MSR, MRS, MCR or MRC (Arm ARM D17.2.37) … */
#define ISS_OP0(syndrome) ((unsigned int)((syndrome) >> 20) & 0x3)
#define ISS_OP2(syndrome) ((unsigned int)((syndrome) >> 17) & 0x7)
#define ISS_OP1(syndrome) ((syndrome) >> 14 & 0x7)
#define ISS_CRN(syndrome) ((syndrome) >> 10 & 0xf)
#define ISS_RT(syndrome)  ((syndrome) >> 5 & 0x1f)
#define ISS_CRM(syndrome) ((unsigned int)((syndrome) >> 1) & 0xf)
#define ISS_IS_READ       1UL
/* … and of MCRR or MRRC */
#define ISS_PAIR_OP1(syndrome) ((syndrome) >> 16 & 0xf)
#define ISS_PAIR_RT2(syndrome) ((syndrome) >> 10 & 0x1f)

#define RT_NONE   31 /* XZR, or in AArch32 state the flags */
#define SPSR_NZCV (0xfUL << 28)

/* A name as one number, in the manual's order. AArch32 names have no op0. */
#define NAME(op0, op1, crn, crm, op2) \
    ((unsigned int)((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2)))
#define NAME_OF_PAIR(op1, crm) NAME(0, 0, op1, crm, 0)

struct range {
    unsigned int first;
    unsigned int last;
    uint64_t value;
    void (*write)(uint64_t value); /* NULL: ignored */
};

struct class
{
    unsigned int ec;
    bool is_pair;
    const struct range *ranges; /* the first that matches counts */
    unsigned int count;
};

#define SRE_VALUE         7UL /* SRE, DFB, DIB */
#define OSLSR_IMPLEMENTED 8UL /* and unlocked */

static const struct range aarch64[] = {
    /* DC ISW, DC CSW, DC CISW */
    {NAME(1, 0, 7, 6, 2), NAME(1, 0, 7, 6, 2), 0, arch_cache_clean_set_way},
    {NAME(1, 0, 7, 10, 2), NAME(1, 0, 7, 10, 2), 0, arch_cache_clean_set_way},
    {NAME(1, 0, 7, 14, 2), NAME(1, 0, 7, 14, 2), 0, arch_cache_clean_set_way},
    /* Debug and trace: OSLSR_EL1; MDSCR_EL1, breakpoints, watchpoints, OSLAR_EL1, … */
    {NAME(2, 0, 1, 1, 4), NAME(2, 0, 1, 1, 4), OSLSR_IMPLEMENTED, NULL},
    {NAME(2, 0, 0, 0, 0), NAME(2, 7, 15, 15, 7), 0, NULL},
    /* ACTLR_EL1, TRFCR_EL1 */
    {NAME(3, 0, 1, 0, 1), NAME(3, 0, 1, 0, 1), 0, NULL},
    {NAME(3, 0, 1, 2, 1), NAME(3, 0, 1, 2, 1), 0, NULL},
    /* ERRIDR_EL1, which says that there are no error records, and those that would show one */
    {NAME(3, 0, 5, 3, 0), NAME(3, 0, 5, 5, 7), 0, NULL},
    /* Statistical profiling and trace buffers, PMINTENSET_EL1, PMINTENCLR_EL1, PMMIR_EL1 */
    {NAME(3, 0, 9, 9, 0), NAME(3, 0, 9, 11, 7), 0, NULL},
    {NAME(3, 0, 9, 14, 0), NAME(3, 0, 9, 14, 7), 0, NULL},
    /* ICC_SRE_EL1: a guest's GICv3 is always that of system registers, without bypass */
    {NAME(3, 0, 12, 12, 5), NAME(3, 0, 12, 12, 5), SRE_VALUE, NULL},
    /* LORSA_EL1 to LORID_EL1, which says that there are no LORegions; MPAM */
    {NAME(3, 0, 10, 4, 0), NAME(3, 0, 10, 5, 7), 0, NULL},
    /* PMCR_EL0 (whose N of zero says that there are no event counters) to PMOVSSET_EL0 */
    {NAME(3, 3, 9, 12, 0), NAME(3, 3, 9, 14, 7), 0, NULL},
    /* Activity monitors */
    {NAME(3, 3, 13, 2, 0), NAME(3, 3, 13, 15, 7), 0, NULL},
    /* CNTP_TVAL_EL0, CNTP_CTL_EL0, CNTP_CVAL_EL0: the timer of programs */
    {NAME(3, 3, 14, 2, 0), NAME(3, 3, 14, 2, 2), 0, NULL},
    /* PMEVCNTR<n>_EL0, PMEVTYPER<n>_EL0, PMCCFILTR_EL0 */
    {NAME(3, 3, 14, 8, 0), NAME(3, 3, 14, 15, 7), 0, NULL},
};

#define FIRST_FEATURE NAME(3, 0, 0, 1, 0)
#define LAST_FEATURE  NAME(3, 0, 0, 7, 7)

/* What AArch32 code at EL0 reaches of the same (Arm ARM G8.3 to G8.7). */
static const struct range cp15[] = {
    {NAME(0, 0, 9, 12, 0), NAME(0, 0, 9, 14, 7), 0, NULL},  /* PMCR to PMOVSSET */
    {NAME(0, 0, 14, 2, 0), NAME(0, 0, 14, 2, 1), 0, NULL},  /* CNTP_TVAL, CNTP_CTL */
    {NAME(0, 0, 14, 8, 0), NAME(0, 0, 14, 15, 7), 0, NULL}, /* PMEVCNTR<n> to PMCCFILTR */
};

static const struct range cp15_pair[] = {
    {NAME_OF_PAIR(0, 9), NAME_OF_PAIR(0, 9), 0, NULL},   /* PMCCNTR */
    {NAME_OF_PAIR(2, 14), NAME_OF_PAIR(2, 14), 0, NULL}, /* CNTP_CVAL */
};

static const struct range cp14[] = {{NAME(0, 0, 0, 0, 0), NAME(0, 7, 15, 15, 7), 0, NULL}};

#define CLASS(number, is_pair, ranges)                                \
    {                                                                 \
        number, is_pair, ranges, sizeof(ranges) / sizeof((ranges)[0]) \
    }

static const struct class classes[] = {
    CLASS(EC_AARCH64, false, aarch64), CLASS(0x03, false, cp15), CLASS(0x04, true, cp15_pair),
    CLASS(0x05, false, cp14),          CLASS(0x0c, true, cp14),
};

static unsigned int name_of(const struct class *class, uint64_t syndrome)
{
    if (class->is_pair) {
        return NAME_OF_PAIR(ISS_PAIR_OP1(syndrome), ISS_CRM(syndrome));
    }
    return NAME(class->ec == EC_AARCH64 ? ISS_OP0(syndrome) : 0, ISS_OP1(syndrome),
                ISS_CRN(syndrome), ISS_CRM(syndrome), ISS_OP2(syndrome));
}

static const struct range *find(const struct class *class, unsigned int name)
{
    for (unsigned int i = 0; i < class->count; i++) {
        if (name >= class->ranges[i].first && name <= class->ranges[i].last) {
            return &class->ranges[i];
        }
    }
    return NULL;
}

static const struct class *class_of(uint64_t syndrome)
{
    for (unsigned int i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (classes[i].ec == ESR_EC(syndrome)) {
            return &classes[i];
        }
    }
    return NULL;
}

static void set_register(struct arch_frame *frame, uint64_t rt, uint64_t value)
{
    if (rt != RT_NONE) {
        frame->x[rt] = value;
    }
}

static void read(struct arch_frame *frame, const struct class *class, uint64_t syndrome,
                 uint64_t value)
{
    set_register(frame, ISS_RT(syndrome), value);
    if (class->is_pair) {
        set_register(frame, ISS_PAIR_RT2(syndrome), value >> 32);
    } else if (class->ec != EC_AARCH64 && ISS_RT(syndrome) == RT_NONE) {
        frame->spsr &= ~SPSR_NZCV; /* MRC p14, 0, APSR_nzcv, c0, c1, 0: DBGDSCRint's */
    }
}

static void write(const struct arch_frame *frame, const struct range *range, uint64_t syndrome)
{
    uint64_t rt = ISS_RT(syndrome);

    if (range->write != NULL) {
        range->write(rt != RT_NONE ? frame->x[rt] : 0);
    }
}

static bool read_feature(struct arch_frame *frame, uint64_t syndrome)
{
    (void)skip_instruction(frame, syndrome);
    set_register(frame, ISS_RT(syndrome), feature_register(ISS_CRM(syndrome), ISS_OP2(syndrome)));
    return true;
}

bool sysreg_emulate(struct arch_frame *frame, uint64_t syndrome)
{
    const struct class *class = class_of(syndrome);
    const struct range *range;
    unsigned int name;

    if (class == NULL) {
        return false;
    }
    name = name_of(class, syndrome);
    if (class->ec == EC_AARCH64 && name >= FIRST_FEATURE && name <= LAST_FEATURE) {
        return read_feature(frame, syndrome);
    }
    range = find(class, name);
    if (range == NULL) {
        return false;
    }
    if (!skip_instruction(frame, syndrome)) {
        return true;
    }
    if ((syndrome & ISS_IS_READ) != 0) {
        read(frame, class, syndrome, range->value);
    } else {
        write(frame, range, syndrome);
    }
    return true;
}
