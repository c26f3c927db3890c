/* SPDX-License-Identifier: BSD-2-Clause */
/* Which interrupts there are, as after power-on and after each reset, and whose they are (vgic.h).
 */
#include <string.h>

#include "vmm/irq/vgic.h"

static void reset_virq(struct virq *virq, unsigned int intid, unsigned int cpu)
{
    virq_ended_t ended = virq->ended;
    virq_changed_t changed = virq->changed;
    void *context = virq->context;

    *virq = (struct virq){
        .intid = (uint16_t)intid,
        .cpu = (uint8_t)cpu,
        .enabled = intid < VGIC_SGI_COUNT,
        .edge = intid < VGIC_SGI_COUNT,
        .ended = ended,
        .changed = changed,
        .context = context,
    };
}

static void reset_cpu(struct vgic_cpu *cpu, unsigned int number)
{
    for (unsigned int i = 0; i < VGIC_PRIVATE_COUNT; i++) {
        reset_virq(&cpu->private_irqs[i], i, number);
    }
    memset(cpu->lists, 0, sizeof(cpu->lists));
    cpu->queue = NULL;
    cpu->in_flight_count = 0;
    cpu->is_asleep = true;
}

void vgic_reset(struct vgic *vgic)
{
    vgic->control = 0;
    for (unsigned int i = 0; i < vgic->cpu_count; i++) {
        reset_cpu(&vgic->cpus[i], i);
    }
    for (unsigned int i = VGIC_PRIVATE_COUNT; i < vgic->intid_count; i++) {
        reset_virq(&vgic->spis[i - VGIC_PRIVATE_COUNT], i, 0);
    }
}

void vgic_init(struct vgic *vgic, const struct vm_config_vcpu *vcpus, unsigned int cpu_count,
               unsigned int max_intid)
{
    memset(vgic, 0, sizeof(*vgic));
    vgic->cpu_count = cpu_count;
    vgic->list_count = lists_count();
    vgic->intid_count = max_intid / 32 * 32 + 32;
    if (vgic->intid_count < 2 * VGIC_PRIVATE_COUNT) {
        vgic->intid_count = 2 * VGIC_PRIVATE_COUNT;
    }
    if (vgic->intid_count > VGIC_INTID_COUNT) {
        vgic->intid_count = VGIC_INTID_COUNT;
    }
    for (unsigned int i = 0; i < cpu_count; i++) {
        vgic->cpus[i].id = vcpus[i].id;
        vgic->cpus[i].mpidr = vcpus[i].mpidr;
    }
    vgic_reset(vgic);
}

struct virq *vgic_find(struct vgic *vgic, unsigned int cpu, unsigned int intid)
{
    if (intid >= vgic->intid_count || cpu >= vgic->cpu_count) {
        return NULL;
    }
    if (intid < VGIC_PRIVATE_COUNT) {
        return &vgic->cpus[cpu].private_irqs[intid];
    }
    return &vgic->spis[intid - VGIC_PRIVATE_COUNT];
}

void vgic_set_source(struct virq *virq, virq_ended_t ended, void *context)
{
    virq->ended = ended;
    virq->context = context;
}
