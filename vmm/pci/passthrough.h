/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A physical function that the guest has: its configuration space by the tables of registers.c, its
 * MSIs turned into what the description gives, and what of its BARs is not mapped for the guest.
 *
 * Until pci_passthrough_prepare(), and after pci_passthrough_quiet(), it is nobody's: no bus
 * master, its vectors masked; behind an SMMU, its DMA aborts (smmu.h). Who may be bus master is
 * decided by is_master() of passthrough.c, and nowhere else.
 */
#ifndef SLUICE_VMM_PCI_PASSTHROUGH_H
#define SLUICE_VMM_PCI_PASSTHROUGH_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/pci/msix.h"
#include "vmm/pci/registers.h"
#include "vmm/pci/space.h"
#include "vmm/vm_config.h"

struct pci_reset;

struct pci_passthrough {
    const struct vm_config *config;
    unsigned int index; /* in config->pci.functions */
    bool is_guests;     /* prepared, and not quiet again */
    struct pci_space space;
    struct pci_bar bars[PCI_BAR_COUNT];
    struct pci_capabilities found;
    struct pci_msix msix;   /* as the guest has it */
    uint64_t msix_table;    /* the physical one, in the VMM's PD; 0: the guest has no MSI-X */
    unsigned int msix_size; /* of the physical one */
    const struct pci_reset *reset; /* NULL: none is known */
    uint64_t reset_end;            /* CNTPCT: a function-level reset is over; 0: there is none */
    bool is_stuck;                 /* did not come out of its reset */
    bool is_known;                 /* the next two are */
    uint16_t control; /* PCI Express device control, as whoever started the machine left it */
    uint16_t control2;
    bool is_attached;     /* its stream, by the owner of the SMMU that it is behind */
    uint64_t fault_count; /* of its DMA, as the owner last said */
    uint64_t fault_line;  /* CNTPCT, when there was a line about them */
};

/* Nothing is done to the function yet. `config` stays the caller's. */
void pci_passthrough_init(struct pci_passthrough *function, const struct vm_config *config,
                          unsigned int index);
/* Before the guest runs: the function is what the description says, with its BARs in their places
 * and everything as after a reset. False: it is not; a line says what was expected and found. */
bool pci_passthrough_prepare(struct pci_passthrough *function);
/* The guest does not run: no bus master, no interrupts. It has to be prepared again. */
void pci_passthrough_quiet(struct pci_passthrough *function);

/* A part of a BAR that the guest does not have mapped: the context of pci_trap_ops. */
struct pci_trap {
    struct pci_passthrough *function;
    const struct vm_config_pci_piece *piece;
    uint64_t offset; /* in the BAR */
};
extern const struct mmio_ops pci_trap_ops;

#endif
