/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of an exception syndrome (Arm ARM D17.2.37, ESR_ELx). */
#ifndef SLUICE_VMM_EXIT_SYNDROME_H
#define SLUICE_VMM_EXIT_SYNDROME_H

#include <stdbool.h>
#include <stdint.h>

#define ESR_EC_SHIFT 26
#define ESR_EC(esr)  ((unsigned int)((esr) >> ESR_EC_SHIFT & 0x3f))
#define ESR_IL       (1UL << 25) /* the instruction has four bytes, not two */
#define ESR_ISS(esr) ((uint32_t)((esr)&0x1ffffff))

#define ESR_EC_UNKNOWN               0x00
#define ESR_EC_WFX                   0x01
#define ESR_EC_SMC64                 0x17
#define ESR_EC_SYSTEM_REGISTER       0x18
#define ESR_EC_INSTRUCTION_ABORT_EL1 0x21
#define ESR_EC_DATA_ABORT_EL1        0x25

#define WFX_IS_WFE          0x1u
#define WFX_WITH_TIMEOUT    0x2u           /* WFET, WFIT */
#define CALL_IMMEDIATE(iss) ((iss)&0xffff) /* of SMC and HVC */

/* Of a trapped MSR or MRS: which register, and Rt (31: the zero register). */
#define MSR_IS_READ   0x1u
#define MSR_REG(iss)  ((iss) >> 5 & 0x1f)
#define MSR_NAME(iss) ((iss) & ~(0x1fu << 5 | MSR_IS_READ))
#define MSR_NAME_OF(op0, op1, crn, crm, op2) \
    ((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)

static inline unsigned int syndrome_instruction_bytes(uint64_t esr)
{
    return (esr & ESR_IL) != 0 ? 4 : 2;
}

/* Of a data abort. */
struct syndrome_access {
    bool is_valid;             /* the rest means something: ISV */
    bool is_cache_maintenance; /* also AT */
    bool is_table_walk;        /* the guest's own tables are what cannot be reached */
    bool is_write;
    bool sign_extend;
    bool to_64_bits;   /* sign-extended so far; otherwise to 32 */
    unsigned int size; /* bytes */
    unsigned int reg;  /* 31: the zero register */
};

static inline struct syndrome_access syndrome_access(uint64_t esr)
{
    return (struct syndrome_access){
        .is_valid = (esr & 1UL << 24) != 0,
        .size = 1u << (esr >> 22 & 0x3),
        .sign_extend = (esr & 1UL << 21) != 0,
        .reg = (unsigned int)(esr >> 16 & 0x1f),
        .to_64_bits = (esr & 1UL << 15) != 0,
        .is_cache_maintenance = (esr & 1UL << 8) != 0,
        .is_table_walk = (esr & 1UL << 7) != 0,
        .is_write = (esr & 1UL << 6) != 0,
    };
}

#endif
