/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system registers of a GICv3 (IHI 0069H, chapter 12): the part of the interface to the machine
 * (arch.h) that no core has whose interrupt controller is another. All concern the calling core.
 */
#ifndef SLUICE_KERNEL_ARCH_GIC_H
#define SLUICE_KERNEL_ARCH_GIC_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the core has them: nothing else here may be called on one that has not. */
bool arch_gic_has_registers(void);
/* ICC_*: interrupts of group 1 reach the core, whatever their priority, and have separate drop and
 * deactivation. The guest's EL1 has the same registers, and cannot turn them off. */
void arch_gic_init_cpu(void);
uint64_t arch_gic_acknowledge(void);      /* ICC_IAR1_EL1 */
void arch_gic_end(uint64_t intid);        /* ICC_EOIR1_EL1 */
void arch_gic_deactivate(uint64_t value); /* ICC_DIR_EL1 */
/* ICC_SGI1R_EL1; whoever is interrupted sees what this core stored before. */
void arch_gic_send(uint64_t value);

/* ICH_*_EL2: what presents virtual interrupts to the guest. */
uint64_t arch_gic_hcr(void);
void arch_gic_set_hcr(uint64_t value);
uint64_t arch_gic_vtr(void);
uint64_t arch_gic_vmcr(void);
void arch_gic_set_vmcr(uint64_t value);
/* ICH_LR<index>_EL2, index 0 to 3 */
uint64_t arch_gic_list(unsigned int index);
void arch_gic_set_list(unsigned int index, uint64_t value);
/* ICH_AP0R<index>_EL2, and above it ICH_AP1R<index>_EL2; index below 1 << (VTR.PREbits - 4), as
 * others are not there. */
uint64_t arch_gic_active(unsigned int index);
void arch_gic_set_active(unsigned int index, uint64_t value);
/* ICH_EISR_EL2 and ICH_ELRSR_EL2. They tell of what was written to the others since the core
 * entered EL2 after arch_gic_sync() only. */
uint64_t arch_gic_ended_lists(void);
uint64_t arch_gic_free_lists(void);
void arch_gic_sync(void);

#endif
