/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of physical functions, where the VMM's PD has them mapped: all of vmm/pci gets at them
 * by these two, so that tests can stand in for a function.
 */
#ifndef SLUICE_VMM_PCI_HARDWARE_H
#define SLUICE_VMM_PCI_HARDWARE_H

#include <stdint.h>

/* 1, 2, 4 or 8 bytes, naturally aligned, in one access of that size. */
uint64_t hardware_read(uint64_t vaddr, unsigned int size);
void hardware_write(uint64_t vaddr, unsigned int size, uint64_t value);

#endif
