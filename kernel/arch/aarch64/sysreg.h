/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers: the fields the kernel uses, named as in the Arm ARM (DDI 0487). */
#ifndef SLUICE_KERNEL_ARCH_AARCH64_SYSREG_H
#define SLUICE_KERNEL_ARCH_AARCH64_SYSREG_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/arch/aarch64/insn.h"

/* HCR_EL2 */
#define HCR_VM    (1UL << 0) /* stage 2 on */
#define HCR_SWIO  (1UL << 1) /* set/way invalidation cleans, too */
#define HCR_PTW   (1UL << 2) /* a stage-1 walk through device memory faults */
#define HCR_FMO   (1UL << 3) /* physical interrupts come to EL2, virtual ones go to EL1 */
#define HCR_IMO   (1UL << 4)
#define HCR_AMO   (1UL << 5)
#define HCR_FB    (1UL << 9)  /* TLB maintenance reaches all cores */
#define HCR_BSU   (1UL << 10) /* barriers are inner shareable at least */
#define HCR_DC    (1UL << 12) /* memory is cacheable while stage 1 is off */
#define HCR_TWI   (1UL << 13)
#define HCR_TWE   (1UL << 14)
#define HCR_TSC   (1UL << 19) /* SMC traps */
#define HCR_TIDCP (1UL << 20)
#define HCR_TACR  (1UL << 21) /* ACTLR_EL1 traps */
#define HCR_TGE   (1UL << 27) /* exceptions of EL0 come to EL2 */
#define HCR_RW    (1UL << 31) /* EL1 is AArch64 */

/* What guests and programs have in common, and what is in force while programs run: EL0 alone, with
 * no stage 1 (design.md, decision 2). */
#define HCR_COMMON (HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU | HCR_RW)
#define HCR_NATIVE (HCR_COMMON | HCR_DC | HCR_TGE)

/* ESR_EL2 */
#define ESR_EC_SHIFT 26

#define MDCR_TPMCR (1UL << 5) /* MDCR_EL2: the PMU traps */
#define MDCR_TPM   (1UL << 6)

/* traps.c: what this core's features make of it; all cores are alike. */
struct arch_traps {
    uint64_t hcr_guest; /* HCR_EL2 while a guest runs */
    uint64_t cptr;      /* CPTR_EL2, with FP allowed */
    bool has_ras;       /* a guest's DISR_EL1 is VDISR_EL2 */
    bool has_tpidr2;    /* TPIDR2_EL0 is there, and nothing that would trap it */
    bool has_keys;      /* guests have pointer authentication: AP*Key*_EL1 are switched */
};
extern struct arch_traps arch_traps;
void arch_traps_init(void);

/* thread.c: from now on programs have the PMU; `guest_mdcr` is what guests run with. */
void arch_thread_open_pmu(uint64_t guest_mdcr);
/* mmu.c: whether the kernel has this physical address mapped as normal memory. */
bool arch_is_memory(uint64_t paddr);
/* cpu.c: whether a load from this address of the kernel's space does not abort. */
bool arch_can_read(uint64_t va);

/* thread.c: from now on this core walks no stage 2 but an empty one, of a VMID that nobody has. */
void arch_stage2_away(void);
/* cache.c: on a core whose MMU is off, or is on for good. */
void arch_zero_lines(uint64_t va, uint64_t end);
void arch_zero_and_evict(uint64_t va, uint64_t end);

#endif
