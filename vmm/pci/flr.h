/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What resets of functions have in common, by the configuration space alone: `space` is where the
 * VMM's PD has its page, `pcie` the PCI Express capability, or 0. PCI Express Base 5.0, 6.6.2.
 */
#ifndef SLUICE_VMM_PCI_FLR_H
#define SLUICE_VMM_PCI_FLR_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_FLR_MS     100 /* the function may be silent so long */
#define PCI_PENDING_MS 100 /* for completions to come back */
#define PCI_READY_MS   1000

/* CNTPCT then. */
uint64_t pci_after(unsigned int milliseconds);
/* Until the 32 bits have that value, read once at least. False: not before `end`. */
bool pci_wait_until(uint64_t vaddr, uint32_t mask, uint32_t value, uint64_t end);

/* What the function has asked for comes back, or never will. Reading the status also lets its
 * writes go first. */
void pci_wait_for_transactions(uint64_t space, unsigned int pcie, uint64_t end);
bool pci_flr_is_offered(uint64_t space, unsigned int pcie);
/* It is not to be accessed for PCI_FLR_MS, and may take PCI_READY_MS more to answer. */
void pci_flr_start(uint64_t space, unsigned int pcie);

#endif
