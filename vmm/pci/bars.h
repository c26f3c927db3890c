/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The BARs of a passed-through function: what the function has, held against the regions of the
 * description, and put where those are. Only the VMM writes to them, while the guest does not run.
 */
#ifndef SLUICE_VMM_PCI_BARS_H
#define SLUICE_VMM_PCI_BARS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/pci/space.h"
#include "vmm/vm_config.h"

/* What the function has, with addresses of the pieces; size 0 for what is not offered: I/O. The
 * function's memory is disabled meanwhile. False: not what the description says; a line says why.
 */
bool pci_bars_assign(const struct vm_config *config, unsigned int function,
                     struct pci_bar bars[PCI_BAR_COUNT]);

/* What stands at [offset, offset + size) of the BAR, if it is all in one piece that the VMM has and
 * that is none of the guest's (`trapped`), or may be (otherwise). Its address in the PD, or 0. */
uint64_t pci_bars_find(const struct vm_config *config, unsigned int function, unsigned int bar,
                       uint64_t offset, uint64_t size, bool trapped);

/* The registers of a virtio device that its capability at `common` of the configuration space
 * speaks of, as far as VIRTIO_DEVICE_STATUS and mapped for the VMM, or 0; also if `common` is 0. */
uint64_t pci_bars_find_virtio(const struct vm_config *config, unsigned int function,
                              unsigned int common);

/* Where the piece begins in its BAR. */
uint64_t pci_bars_piece_offset(const struct vm_config *config, unsigned int piece);

#endif
