/* SPDX-License-Identifier: BSD-2-Clause */
/* The distributor's registers, as the guest sees them: a device on the MMIO bus. */
#ifndef SLUICE_VMM_IRQ_GICD_H
#define SLUICE_VMM_IRQ_GICD_H

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/vgic.h"

#define GICD_FRAME_SIZE 0x1000
#define GICD_SGIR       0xf00 /* offset of the register that sends SGIs */

/* The context is a struct vgic. */
extern const struct mmio_ops gicd_v2_ops;

#endif
