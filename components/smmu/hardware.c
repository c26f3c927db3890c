/* SPDX-License-Identifier: BSD-2-Clause */
/* See hardware.h. */
#include "components/smmu/hardware.h"

uint32_t smmu_read_register(uintptr_t address)
{
    return *(volatile uint32_t *)address;
}

void smmu_write_register(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

void smmu_write_register64(uintptr_t address, uint64_t value)
{
    *(volatile uint64_t *)address = value;
}

uint64_t smmu_load(uintptr_t address)
{
    return *(volatile uint64_t *)address;
}

void smmu_store(uintptr_t address, uint64_t value)
{
    *(volatile uint64_t *)address = value;
}

void smmu_barrier(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}
