/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the MSIs that a guest has set up to those of the physical function: an INTID that the guest
 * chose and has by passthrough goes to the board's doorbell, and everything else stays masked or
 * off. Entries are masked while they change.
 */
#ifndef SLUICE_VMM_PCI_MSI_H
#define SLUICE_VMM_PCI_MSI_H

#include "vmm/pci/passthrough.h"

/* The guest wrote the entry of its table. */
void pci_msi_write_entry(struct pci_passthrough *function, unsigned int entry);
/* The guest wrote a register of its MSI capability. */
void pci_msi_write(struct pci_passthrough *function, const struct pci_write *write);
/* All of the physical function's vectors, off and masked. */
void pci_msi_silence(const struct pci_passthrough *function);

#endif
