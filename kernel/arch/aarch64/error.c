/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors that a device or memory reports late (SError). They are masked while the kernel runs;
 * between two threads it looks whether there is one, so that it is known whose it is.
 */
#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"

#define ESR_SERROR (0x2fUL << ESR_EC_SHIFT)
#define DISR_A     (1UL << 31)
#define DISR_ISS   0x1ffffffUL
#define ISR_A      (1UL << 8)

bool arch_has_error(void)
{
    dsb_sy(); /* whatever the thread has begun is done, or has failed */
    if (!arch_traps.has_ras) {
        return (sysreg_read(isr_el1) & ISR_A) != 0;
    }
    esb(); /* what is pending goes to DISR_EL1, EL2's own here */
    return (sysreg_read(s3_0_c12_c1_1) & DISR_A) != 0;
}

/* By taking it, if it cannot be deferred: arch_kernel_exception() comes back. The short ways into
 * the kernel have left in ELR_EL2 and SPSR_EL2 what is not saved yet. */
uint64_t arch_take_error(void)
{
    uint64_t elr = sysreg_read(elr_el2);
    uint64_t spsr = sysreg_read(spsr_el2);
    uint64_t disr;

    if (arch_traps.has_ras) {
        disr = sysreg_read(s3_0_c12_c1_1);
        sysreg_write(s3_0_c12_c1_1, 0);
        return ESR_SERROR | (disr & DISR_ISS);
    }
    take_serror();
    sysreg_write(elr_el2, elr);
    sysreg_write(spsr_el2, spsr);
    return sysreg_read(esr_el2);
}
