/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resets of passed-through functions, by the guest and between two guests: bus master off, vectors
 * off, no transaction pending any more; then a function-level reset where there is one, and else
 * what the device itself offers, in the BAR that the VMM has for it. A function without any of
 * these serves one guest only.
 */
#ifndef SLUICE_VMM_PCI_RESET_H
#define SLUICE_VMM_PCI_RESET_H

#include <stdbool.h>

#include "vmm/pci/passthrough.h"

/* A way to reset a function. */
struct pci_reset {
    const char *name;
    bool (*is_for)(const struct pci_passthrough *function);
    /* NULL: the function-level one, which takes its time. False: it does not come out of it. */
    bool (*reset)(const struct pci_passthrough *function);
};

/* The best that is known for the function, whose BARs are in place; NULL: none. */
const struct pci_reset *pci_reset_find(const struct pci_passthrough *function);
/* It is known, and over when it returns. */
bool pci_reset_is_quick(const struct pci_passthrough *function);

/* The function is quiet when this returns, and does no more DMA. It is to be prepared again, after
 * pci_reset_wait(). */
void pci_reset_start(struct pci_passthrough *function);
/* Until it can be. False: the device does not come out of its reset, and a line says so. */
bool pci_reset_wait(struct pci_passthrough *function);

/* The running guest asked for it: the function comes back prepared, at once or when
 * pci_reset_is_over() says so; until then it does not answer. */
void pci_reset_for_guest(struct pci_passthrough *function);
bool pci_reset_is_over(struct pci_passthrough *function);

#endif
