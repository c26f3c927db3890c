/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts that the guest gets under their own number. One that fired stays silent until
 * it is acked, which is when the guest ended it: so a level interrupt whose line is still up, and
 * an edge that came meanwhile, fire again then, and nothing is lost while the guest has it
 * disabled.
 *
 * With the SDK's extension (direct.h) the kernel does all this, and these functions only say how
 * the guest has its interrupts.
 */
#ifndef SLUICE_VMM_PASSTHROUGH_IRQ_H
#define SLUICE_VMM_PASSTHROUGH_IRQ_H

#include <microkit.h>
#include <stdbool.h>

#include "vmm/irq/vgic.h"
#include "vmm/vm_config.h"

#define PASSTHROUGH_CHANNELS 64 /* their ids are below, as a word of bits names them all */

struct passthrough_irq {
    struct vgic *vgic;
    struct virq *virq;
    microkit_channel channel;
    bool is_held;        /* fired, and not acked yet */
    bool drops_the_next; /* after a reset: see passthrough_irq_reset() */
};

struct passthrough_irqs {
    unsigned int count;
    bool drops_some;                       /* of one or more, the next */
    uint8_t numbers[PASSTHROUGH_CHANNELS]; /* by channel: 1 + which of irqs, or 0 */
    struct passthrough_irq irqs[VM_CONFIG_MAX_IRQS];
};

/* Becomes the source of the interrupts' numbers in `vgic`. */
void passthrough_irq_init(struct passthrough_irqs *irqs, struct vgic *vgic,
                          const struct vm_config *config);
/* Microkit's notified(). False: not one of these channels. */
bool passthrough_irq_notified(struct passthrough_irqs *irqs, microkit_channel ch);

/*
 * The devices have been reset: acks what is held. What fired before the reset, at the latest as an
 * edge that the physical GIC had latched behind a held one, reaches the VMM before any fault of the
 * restarted guest, since notifications come first; each interrupt's first notification until
 * passthrough_irq_guest_runs() is dropped. One that comes again is from a line that is still up.
 */
void passthrough_irq_reset(struct passthrough_irqs *irqs);
/* The restarted guest has run: from here on interrupts are its own. */
void passthrough_irq_guest_runs(struct passthrough_irqs *irqs);

#endif
