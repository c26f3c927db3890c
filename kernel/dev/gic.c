/* SPDX-License-Identifier: BSD-2-Clause */
/* Choice of the interrupt controller; see gic.h. */
#include "kernel/dev/gic.h"

#include <stddef.h>

#include "kernel/lib/log.h"

const struct gic_ops *gic;
struct gic_intids gic_intids;

void gic_init(const struct image_machine *machine)
{
    gic_intids = (struct gic_intids){
        .maintenance = machine->maintenance_intid,
        .hyp_timer = machine->hyp_timer_intid,
        .virtual_timer = machine->virtual_timer_intid,
    };
    if (machine->gic_version != 2) {
        panic("image: expected GIC version 2, found %u", machine->gic_version);
    }
    gic = &gicv2_ops;
    if (!gic->init(machine)) {
        panic("interrupt controller: expected %s at %lx, found another", gic->name, machine->gicd);
    }
}

void gic_init_cpu(unsigned int cpu)
{
    gic->init_cpu(cpu);
    gic->enable(GIC_IPI, true);
    gic->enable(gic_intids.maintenance, false);
    gic->enable(gic_intids.hyp_timer, false);
    gic->enable(gic_intids.virtual_timer, false);
}
