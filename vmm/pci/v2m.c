/* SPDX-License-Identifier: BSD-2-Clause */
/* See v2m.h. */
#include "vmm/pci/v2m.h"

#include <stddef.h>

#define TYPER_FIRST_SHIFT 16
#define IIDR_ARM          0x43bu /* a plain frame: no implementation's quirks */

static void raise(struct v2m *v2m, uint64_t intid)
{
    if (intid >= v2m->frame->first && intid - v2m->frame->first < v2m->frame->count) {
        vgic_raise(v2m->vgic, vgic_find(v2m->vgic, 0, (unsigned int)intid));
    }
}

/* Registers are words, and MSI_SETSPI_NS takes halfwords, too. All else is reserved. */
static bool v2m_access(void *context, struct mmio_access *access)
{
    struct v2m *v2m = context;

    if (access->is_write) {
        if (access->offset == V2M_SETSPI_NS && (access->size == 4 || access->size == 2)) {
            raise(v2m, access->value);
        }
        return true;
    }
    access->value = 0;
    if (access->offset == V2M_TYPER && access->size == 4) {
        access->value = v2m->frame->first << TYPER_FIRST_SHIFT | v2m->frame->count;
    } else if (access->offset == V2M_IIDR && access->size == 4) {
        access->value = IIDR_ARM;
    }
    return true;
}

const struct mmio_ops v2m_ops = {.access = v2m_access};

void v2m_reset(struct v2m *v2m)
{
    for (unsigned int i = 0; i < v2m->frame->count; i++) {
        vgic_find(v2m->vgic, 0, v2m->frame->first + i)->edge = true;
    }
}

bool v2m_init(struct v2m *v2m, const struct vm_config_msi *frame, struct vgic *vgic)
{
    *v2m = (struct v2m){.frame = frame, .vgic = vgic};
    if (frame->count == 0) {
        return true;
    }
    if (frame->first < VGIC_PRIVATE_COUNT || frame->count > VGIC_INTID_COUNT ||
        vgic_find(vgic, 0, frame->first + frame->count - 1) == NULL) {
        return false;
    }
    v2m_reset(v2m);
    return true;
}
