/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LPIs of a GICv3 (IHI 0069H, chapters 5 and 6): interrupts that devices raise by messages, which
 * the Interrupt Translation Service makes of them. It knows a message by its sender, whose id the
 * hardware adds, and its number: what is not in its tables is dropped there, so that a device
 * raises the LPIs of its owner and no other's.
 *
 * An LPI is pending or not, and never active: from its acknowledgement on it may come again, and
 * there is nothing to deactivate.
 *
 * gicv3.c's alone; all of it on the calling core, under the lock for all. The ITS does what it is
 * told within a time limit. One that does not is left alone from then on, with a line: its
 * interrupts stay as they are.
 */
#ifndef SLUICE_KERNEL_DEV_ITS_H
#define SLUICE_KERNEL_DEV_ITS_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"

/* Boot core, once, before its_init(): what may raise what. The tables stay as long as the kernel
 * runs. */
void its_set_senders(const struct image_sender *senders, unsigned int sender_count,
                     const struct image_irq *irqs, unsigned int irq_count);
/* Boot core, once: the ITS on, with its senders; panics if the machine is not the image's.
 * `gicd_type` is GICD_TYPER. */
void its_init(const struct image_machine *machine, uint32_t gicd_type);
/* Each core, awake: its LPIs on; `frame` is its redistributor's. */
void its_init_cpu(unsigned int cpu, uint64_t frame);

/* An LPI that senders may raise from now on: it goes to this core, enabled. At boot, once. */
void its_map(uint32_t intid, unsigned int cpu);
/* The same as gic_ops' for SPIs. What is pending goes along. */
void its_set_target(uint32_t intid, unsigned int cpu);
void its_set_enabled(uint32_t intid, bool enabled);
void its_clear_pending(uint32_t intid);
void its_set_pending(uint32_t intid);

#endif
