/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that one machine has of PCI: its host bridge, its passed-through functions, its MSI frame.
 * Emulated functions are added to the bridge by whoever has them.
 */
#ifndef SLUICE_VMM_PCI_PCI_H
#define SLUICE_VMM_PCI_PCI_H

#include <microkit.h>
#include <stdbool.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/vgic.h"
#include "vmm/pci/ecam.h"
#include "vmm/pci/host.h"
#include "vmm/pci/passthrough.h"
#include "vmm/pci/v2m.h"
#include "vmm/vm_config.h"

struct vm_pci {
    struct pci_bridge bridge;
    struct v2m v2m;
    struct pci_hosts hosts; /* of the board's, that the guest has whole */
    unsigned int count;     /* of passed-through functions */
    struct pci_passthrough functions[VM_CONFIG_MAX_PCI_FUNCTIONS];
    struct pci_trap traps[VM_CONFIG_MAX_PCI_PIECES];
};

/* Whether the configuration is one that the rest can rely on. */
bool pci_config_is_sound(const struct vm_config *config);
/* The highest INTID of the MSI frame, or 0. */
unsigned int pci_max_intid(const struct vm_config *config);

/* False: devices overlap. Nothing is done to functions yet. */
bool pci_create(struct vm_pci *pci, const struct vm_config *config, struct vgic *vgic,
                struct mmio_bus *bus);
/* Before the guest runs, each time, and before its RAM is written: functions are what the
 * description says, and as after a reset. False: one is not, and a line says so. */
bool pci_prepare(struct vm_pci *pci);
/* The guest does not run any more: neither do its functions. They are prepared again before the
 * next one does. */
void pci_halt(struct vm_pci *pci);
/* False: there is a function without a reset, and a line names it. */
bool pci_can_restart(const struct vm_pci *pci);
/* Whether the channel is that of the owner of an SMMU that functions are behind, which has faults
 * to tell of. */
bool pci_has_channel(const struct vm_pci *pci, microkit_channel ch);
/* What they were refused since the machine's start; the owners are asked. */
uint64_t pci_count_faults(struct vm_pci *pci);
/* Interrupts of the frame as after the machine's start; after vgic_reset(). */
void pci_reset_irqs(struct vm_pci *pci);

#endif
