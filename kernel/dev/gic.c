/* SPDX-License-Identifier: BSD-2-Clause */
/* Choice of the interrupt controller; see gic.h. */
#include "kernel/dev/gic.h"

#include <stddef.h>

#include "kernel/lib/log.h"

const struct gic_ops *gic;
struct gic_intids gic_intids;

void gic_init(const struct image_machine *machine)
{
    uint32_t count;

    gic_intids = (struct gic_intids){
        .maintenance = machine->maintenance_intid,
        .hyp_timer = machine->hyp_timer_intid,
        .virtual_timer = machine->virtual_timer_intid,
    };
    if (machine->gic_version != 2 && machine->gic_version != 3) {
        panic("image: expected GIC version 2 or 3, found %u", machine->gic_version);
    }
    gic = machine->gic_version == 2 ? &gicv2_ops : &gicv3_ops;
    count = gic->init(machine);
    if (count == 0) {
        panic("interrupt controller: expected %s at %lx, found another (QEMU: -machine "
              "gic-version=%u)",
              gic->name, machine->gicd, machine->gic_version);
    }
    if (count < machine->intid_count) {
        panic("interrupt controller: expected %u interrupts, found %u", machine->intid_count,
              count);
    }
}

void gic_init_cpu(unsigned int cpu)
{
    gic->init_cpu(cpu);
    gic->enable(GIC_IPI, true);
    gic->enable(GIC_POST, true);
    gic->enable(gic_intids.maintenance, false);
    gic->enable(gic_intids.hyp_timer, false);
    gic->enable(gic_intids.virtual_timer, false);
}
