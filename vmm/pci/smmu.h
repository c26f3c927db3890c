/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions behind an SMMU (VM_CONFIG_PCI_SMMU): its owner, another program, confines their DMA to
 * the guest's RAM while they are attached, and to nothing while they are not
 * (components/smmu/smmu.h). Others are not looked at here: every question is answered as for a
 * function that nobody confines.
 */
#ifndef SLUICE_VMM_PCI_SMMU_H
#define SLUICE_VMM_PCI_SMMU_H

#include <stdbool.h>

#include "vmm/pci/passthrough.h"

/* Whether the function may master DMA, as far as the SMMU is concerned. */
bool pci_smmu_lets(const struct pci_passthrough *function);
/* Its BARs are in place, and it is quiet. False: it goes past the SMMU, or the owner refuses, if
 * only to detach it first, as it should have been by now; a line says so. */
bool pci_smmu_attach(struct pci_passthrough *function);
/* Its DMA aborts when this returns. False: that is not sure; a line says so. */
bool pci_smmu_detach(struct pci_passthrough *function);
/* Asks the owner what the function was refused; says so in a line, at most one a second. */
void pci_smmu_look(struct pci_passthrough *function);

#endif
