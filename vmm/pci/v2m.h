/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GICv2m frame (Server Base System Architecture 3.1, ARM DEN0029, appendix E): what the guest
 * takes for its MSI controller. Which INTIDs it has is told by MSI_TYPER; a function that writes
 * one of them to MSI_SETSPI_NS raises it. Passed-through functions write to the board's frame;
 * writes here are the guest's own, or come from nowhere: emulated functions raise theirs at once.
 */
#ifndef SLUICE_VMM_PCI_V2M_H
#define SLUICE_VMM_PCI_V2M_H

#include <stdbool.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/vgic.h"
#include "vmm/vm_config.h"

#define V2M_FRAME_SIZE 0x1000
#define V2M_TYPER      0x008
#define V2M_SETSPI_NS  0x040
#define V2M_IIDR       0xfcc

struct v2m {
    const struct vm_config_msi *frame;
    struct vgic *vgic;
};

/* The context is a struct v2m. */
extern const struct mmio_ops v2m_ops;

/* False: the vgic does not have all of the frame's interrupts, or they are not SPIs. Its SPIs are
 * edge-triggered from here on, and after v2m_reset(), which has to follow vgic_reset(). */
bool v2m_init(struct v2m *v2m, const struct vm_config_msi *frame, struct vgic *vgic);
void v2m_reset(struct v2m *v2m);

#endif
