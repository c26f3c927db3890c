/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers that trap. Guests read and write debug and performance registers while they
 * boot and do not mind that nothing is behind them: those read as zero and ignore writes. Any
 * other register is undefined for the guest.
 */
#include "vmm/exit/exit.h"
#include "vmm/exit/syndrome.h"

#include <stddef.h>

/* The encoding as one number: op0 op1 CRn CRm op2, as the manual orders them. */
#define SYSREG(op0, op1, crn, crm, op2) \
    ((unsigned int)((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2)))

struct sysreg_range {
    unsigned int first;
    unsigned int last;
};

static const struct sysreg_range ignored[] = {
    /* DC ISW, CSW, CISW: caches by set and way are firmware's, for a CPU that goes off. */
    {SYSREG(1, 0, 7, 6, 2), SYSREG(1, 0, 7, 6, 2)},
    {SYSREG(1, 0, 7, 10, 2), SYSREG(1, 0, 7, 10, 2)},
    {SYSREG(1, 0, 7, 14, 2), SYSREG(1, 0, 7, 14, 2)},
    /* All debug registers: breakpoints, OSLAR_EL1, OSDLR_EL1, MDSCR_EL1, ... */
    {SYSREG(2, 0, 0, 0, 0), SYSREG(2, 7, 15, 15, 7)},
    /* ACTLR_EL1 */
    {SYSREG(3, 0, 1, 0, 1), SYSREG(3, 0, 1, 0, 1)},
    /* PMINTENSET_EL1, PMINTENCLR_EL1 */
    {SYSREG(3, 0, 9, 14, 1), SYSREG(3, 0, 9, 14, 2)},
    /* PMCR_EL0 to PMOVSSET_EL0: PMCR_EL0.N of zero says that there are no event counters. */
    {SYSREG(3, 3, 9, 12, 0), SYSREG(3, 3, 9, 14, 3)},
    /* PMEVCNTR<n>_EL0, PMEVTYPER<n>_EL0, PMCCFILTR_EL0 */
    {SYSREG(3, 3, 14, 8, 0), SYSREG(3, 3, 14, 15, 7)},
};

#define ISS_OP0(iss) ((iss) >> 20 & 0x3)
#define ISS_OP2(iss) ((iss) >> 17 & 0x7)
#define ISS_OP1(iss) ((iss) >> 14 & 0x7)
#define ISS_CRN(iss) ((iss) >> 10 & 0xf)
#define ISS_RT(iss)  ((iss) >> 5 & 0x1f)
#define ISS_CRM(iss) ((iss) >> 1 & 0xf)
#define ISS_IS_READ  0x1u

static bool is_ignored(uint32_t iss)
{
    unsigned int sysreg =
        SYSREG(ISS_OP0(iss), ISS_OP1(iss), ISS_CRN(iss), ISS_CRM(iss), ISS_OP2(iss));

    for (unsigned int i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        if (sysreg >= ignored[i].first && sysreg <= ignored[i].last) {
            return true;
        }
    }
    return false;
}

bool sysreg_emulate(const struct vcpu *vcpu, uint64_t esr)
{
    uint32_t iss = ESR_ISS(esr);
    seL4_UserContext context;
    seL4_Word *reg;

    if (!is_ignored(iss)) {
        return false;
    }
    if ((iss & ISS_IS_READ) == 0) {
        vcpu_advance_pc(vcpu, 4);
        return true;
    }
    vcpu_read_context(vcpu, &context);
    reg = vcpu_context_register(&context, ISS_RT(iss));
    if (reg != NULL) {
        *reg = 0;
    }
    context.pc += 4;
    vcpu_write_context(vcpu, &context);
    return true;
}
