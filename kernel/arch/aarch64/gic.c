/* SPDX-License-Identifier: BSD-2-Clause */
/* See kernel/arch/gic.h. */
#include "kernel/arch/gic.h"

#include "kernel/arch/aarch64/sysreg.h"

#define PFR0_GIC_SHIFT 24
#define PFR0_GIC       0xfUL

/* ICC_SRE_EL1 and ICC_SRE_EL2: system registers, and no bypass. Enable stays clear in the latter:
 * the former traps, where a guest could turn the registers off (vcpu/sysreg.c answers). */
#define SRE_SRE        (1UL << 0)
#define SRE_NO_BYPASS  (3UL << 1)
#define PMR_ALL        0xffUL
#define CTLR_EOIMODE   (1UL << 1)
#define IGRPEN1_ENABLE 1UL

bool arch_gic_has_registers(void)
{
    return (sysreg_read(id_aa64pfr0_el1) >> PFR0_GIC_SHIFT & PFR0_GIC) != 0;
}

void arch_gic_init_cpu(void)
{
    sysreg_write(icc_sre_el2, SRE_SRE | SRE_NO_BYPASS);
    isb(); /* the others are there from now on */
    sysreg_write(icc_sre_el1, SRE_SRE | SRE_NO_BYPASS);
    sysreg_write(icc_pmr_el1, PMR_ALL);
    sysreg_write(icc_bpr1_el1, 0);
    sysreg_write(icc_ctlr_el1, CTLR_EOIMODE);
    sysreg_write(icc_igrpen1_el1, IGRPEN1_ENABLE);
    isb();
}

/* The interrupt is off the core before that is unmasked (IHI 0069H, 4.1.1). */
uint64_t arch_gic_acknowledge(void)
{
    uint64_t value = sysreg_read(icc_iar1_el1);

    dsb_sy();
    return value;
}

void arch_gic_end(uint64_t intid)
{
    sysreg_write(icc_eoir1_el1, intid);
}

void arch_gic_deactivate(uint64_t value)
{
    sysreg_write(icc_dir_el1, value);
}

void arch_gic_send(uint64_t value)
{
    dsb_ish();
    sysreg_write(icc_sgi1r_el1, value);
    isb(); /* it is on its way */
}

uint64_t arch_gic_hcr(void)
{
    return sysreg_read(ich_hcr_el2);
}

void arch_gic_set_hcr(uint64_t value)
{
    sysreg_write(ich_hcr_el2, value);
}

uint64_t arch_gic_vtr(void)
{
    return sysreg_read(ich_vtr_el2);
}

uint64_t arch_gic_vmcr(void)
{
    return sysreg_read(ich_vmcr_el2);
}

void arch_gic_set_vmcr(uint64_t value)
{
    sysreg_write(ich_vmcr_el2, value);
}

uint64_t arch_gic_list(unsigned int index)
{
    switch (index) {
    case 0:
        return sysreg_read(ich_lr0_el2);
    case 1:
        return sysreg_read(ich_lr1_el2);
    case 2:
        return sysreg_read(ich_lr2_el2);
    default:
        return sysreg_read(ich_lr3_el2);
    }
}

void arch_gic_set_list(unsigned int index, uint64_t value)
{
    switch (index) {
    case 0:
        sysreg_write(ich_lr0_el2, value);
        break;
    case 1:
        sysreg_write(ich_lr1_el2, value);
        break;
    case 2:
        sysreg_write(ich_lr2_el2, value);
        break;
    default:
        sysreg_write(ich_lr3_el2, value);
        break;
    }
}

uint64_t arch_gic_active(unsigned int index)
{
    switch (index) {
    case 0:
        return sysreg_read(ich_ap0r0_el2) | sysreg_read(ich_ap1r0_el2) << 32;
    case 1:
        return sysreg_read(ich_ap0r1_el2) | sysreg_read(ich_ap1r1_el2) << 32;
    case 2:
        return sysreg_read(ich_ap0r2_el2) | sysreg_read(ich_ap1r2_el2) << 32;
    default:
        return sysreg_read(ich_ap0r3_el2) | sysreg_read(ich_ap1r3_el2) << 32;
    }
}

void arch_gic_set_active(unsigned int index, uint64_t value)
{
    uint64_t group0 = value & 0xffffffff;
    uint64_t group1 = value >> 32;

    switch (index) {
    case 0:
        sysreg_write(ich_ap0r0_el2, group0);
        sysreg_write(ich_ap1r0_el2, group1);
        break;
    case 1:
        sysreg_write(ich_ap0r1_el2, group0);
        sysreg_write(ich_ap1r1_el2, group1);
        break;
    case 2:
        sysreg_write(ich_ap0r2_el2, group0);
        sysreg_write(ich_ap1r2_el2, group1);
        break;
    default:
        sysreg_write(ich_ap0r3_el2, group0);
        sysreg_write(ich_ap1r3_el2, group1);
        break;
    }
}

uint64_t arch_gic_ended_lists(void)
{
    return sysreg_read(ich_eisr_el2);
}

uint64_t arch_gic_free_lists(void)
{
    return sysreg_read(ich_elrsr_el2);
}

void arch_gic_sync(void)
{
    isb();
}
