/* SPDX-License-Identifier: BSD-2-Clause */
/* See irq.h. */
#include "vmm/passthrough/irq.h"

#include <stddef.h>

#include "vmm/passthrough/direct.h"

static void release(struct passthrough_irq *irq)
{
    irq->is_held = false;
    microkit_irq_ack(irq->channel);
}

/* The guest ended the interrupt. It may have raised it itself, by the distributor. */
static void ended(void *context, struct virq *virq)
{
    struct passthrough_irq *irq = context;

    (void)virq;
    if (irq->is_held) {
        release(irq);
    }
}

/* The guest changed how it has an interrupt that goes to it directly. */
static void changed(void *context, const struct virq *virq, bool is_forwarded)
{
    const struct passthrough_irq *irq = context;

    direct_bind_irq(irq->vgic->cpus[virq->cpu].id, irq->channel, virq, is_forwarded);
}

/* Whoever tells the guest of it: this VMM, or the kernel. */
static void connect(struct passthrough_irq *irq)
{
    if (direct_is_offered()) {
        vgic_set_direct(irq->vgic, irq->virq, changed, irq);
    } else {
        vgic_set_source(irq->virq, ended, irq);
    }
}

void passthrough_irq_init(struct passthrough_irqs *irqs, struct vgic *vgic,
                          const struct vm_config *config)
{
    *irqs = (struct passthrough_irqs){.count = 0};
    for (unsigned int i = 0; i < config->irq_count; i++) {
        struct passthrough_irq *irq = &irqs->irqs[irqs->count];
        struct virq *virq = vgic_find(vgic, 0, config->irqs[i].intid);

        if (virq == NULL || virq->intid < VGIC_PRIVATE_COUNT) {
            continue; /* not an SPI: no device has it */
        }
        *irq = (struct passthrough_irq){
            .vgic = vgic, .virq = virq, .channel = config->irqs[i].channel};
        connect(irq);
        irqs->count++;
        if (irq->channel < PASSTHROUGH_CHANNELS) {
            irqs->numbers[irq->channel] = (uint8_t)irqs->count;
        }
    }
}

bool passthrough_irq_notified(struct passthrough_irqs *irqs, microkit_channel ch)
{
    unsigned int number = ch < PASSTHROUGH_CHANNELS ? irqs->numbers[ch] : 0;
    struct passthrough_irq *irq;

    if (number == 0) {
        return false;
    }
    irq = &irqs->irqs[number - 1];
    if (irq->drops_the_next) {
        irq->drops_the_next = false;
        release(irq);
    } else {
        irq->is_held = true;
        vgic_raise(irq->vgic, irq->virq);
    }
    return true;
}

void passthrough_irq_reset(struct passthrough_irqs *irqs)
{
    for (unsigned int i = 0; i < irqs->count; i++) {
        struct passthrough_irq *irq = &irqs->irqs[i];

        if (direct_is_offered()) {
            connect(irq);
            continue;
        }
        irq->drops_the_next = true;
        irqs->drops_some = true;
        if (irq->is_held) {
            release(irq);
        }
    }
}

void passthrough_irq_guest_runs(struct passthrough_irqs *irqs)
{
    if (!irqs->drops_some) {
        return;
    }
    irqs->drops_some = false;
    for (unsigned int i = 0; i < irqs->count; i++) {
        irqs->irqs[i].drops_the_next = false;
    }
}
