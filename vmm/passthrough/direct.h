/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extensions of the SDK's, which a real Microkit does not have. Interrupts that reach the guest
 * without its VMM: where these are absent direct_is_offered() is false, what concerns them here
 * does nothing, and interrupts go through notified() and faults. And sleep that the kernel does.
 */
#ifndef SLUICE_VMM_PASSTHROUGH_DIRECT_H
#define SLUICE_VMM_PASSTHROUGH_DIRECT_H

#include <microkit.h>
#include <stdbool.h>

#include "vmm/irq/vgic.h"

bool direct_is_offered(void);
/* Once its fault is answered the vCPU sleeps, as by a WFI. False: not offered. */
bool direct_sleep(microkit_child vcpu);
/* As the guest has the interrupt now; `vcpu` is an id of <vcpu>. */
void direct_bind_irq(microkit_child vcpu, microkit_channel ch, const struct virq *virq,
                     bool is_forwarded);
void direct_bind_timer(microkit_child vcpu, const struct virq *virq, bool is_forwarded);
/* Nothing is bound, in flight, or active any more. */
void direct_reset(microkit_child vcpu);

#endif
