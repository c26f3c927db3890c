/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host bridges that the guest has whole, with functions that the VMM does not know: reset between
 * two guests by what their configuration spaces offer, which the VMM has mapped for that. All that
 * the guest can reach is made quiet; then a function on the bridge itself is reset by FLR, or as
 * the virtio device that it is, and all behind another bridge with its bus. A function with none
 * of these that mastered DMA serves one guest only.
 */
#ifndef SLUICE_VMM_PCI_HOST_H
#define SLUICE_VMM_PCI_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/vm_config.h"

struct pci_hosts {
    const struct vm_config *config;
    unsigned int answering; /* functions on the bridges themselves, when resets began */
    uint64_t reset_end;     /* CNTPCT: these are over; 0: there are none */
    bool is_stuck;          /* a virtio device did not come out of its reset */
    bool has_unknown;       /* there is a function without a known reset: */
    uint16_t unknown;       /* bus << 8 | device << 3 | function */
    uint32_t unknown_id;    /* vendor | device << 16 */
};

/* Nothing is done to them yet. `config` stays the caller's. */
void pci_hosts_init(struct pci_hosts *hosts, const struct vm_config *config);
/* The guest does not run: no function masters DMA or raises an interrupt when this returns. */
void pci_hosts_halt(struct pci_hosts *hosts);
/* Until they are reset, before RAM is written. False: one does not come out of it, and a line says
 * so. */
bool pci_hosts_wait(struct pci_hosts *hosts);
/* False: there is something without a reset, and a line says what. */
bool pci_hosts_can_restart(const struct pci_hosts *hosts);

#endif
