/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a virtual GICv3 has beside what it shares with a GICv2: the distributor's and the
 * redistributors' registers, devices on the MMIO bus, and the system registers that send SGIs. The
 * others of the CPU interface are hardware's.
 */
#ifndef SLUICE_VMM_IRQ_GICV3_H
#define SLUICE_VMM_IRQ_GICV3_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/vgic.h"

#define GICV3_DISTRIBUTOR_SIZE   0x10000
#define GICV3_REDISTRIBUTOR_SIZE 0x20000 /* of each CPU, in their order */

/* The context is a struct vgic that is_v3. */
extern const struct mmio_ops gicv3_distributor_ops;
extern const struct mmio_ops gicv3_redistributor_ops;

enum gicv3_sgi {
    GICV3_SGI1R,  /* ICC_SGI1R_EL1 */
    GICV3_ASGI1R, /* ICC_ASGI1R_EL1 */
    GICV3_SGI0R,  /* ICC_SGI0R_EL1 */
};

/* CPU `cpu` wrote `value` to it. */
void gicv3_send_sgi(struct vgic *vgic, unsigned int cpu, enum gicv3_sgi reg, uint64_t value);

#endif
