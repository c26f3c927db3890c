/* SPDX-License-Identifier: BSD-2-Clause */
/* The SMMU's registers, and memory that it reads or writes: all of components/smmu gets at them by
 * these, so that tests can stand in for an SMMU. Addresses are the program's, naturally aligned. */
#ifndef SLUICE_COMPONENTS_SMMU_HARDWARE_H
#define SLUICE_COMPONENTS_SMMU_HARDWARE_H

#include <stdint.h>

uint32_t smmu_read_register(uintptr_t address);
void smmu_write_register(uintptr_t address, uint32_t value);
void smmu_write_register64(uintptr_t address, uint64_t value);

/* In one access each, uncached: an entry changes as a whole, or not at all. */
uint64_t smmu_load(uintptr_t address);
void smmu_store(uintptr_t address, uint64_t value);

/* What was stored is seen before what is written to a register next, and what a register says
 * before what is loaded next. */
void smmu_barrier(void);

#endif
