/* SPDX-License-Identifier: BSD-2-Clause */
/* See space.h. */
#include "vmm/pci/space.h"

#include <stddef.h>
#include <string.h>

#include "vmm/pci/hardware.h"

static uint32_t read_hardware(const struct pci_space *space, unsigned int offset)
{
    return (uint32_t)hardware_read(space->hardware + offset, 4);
}

/* What is not forwarded stays, and what a 1 would clear gets a 0 unless it is to be cleared. */
static void write_hardware(const struct pci_space *space, unsigned int offset, uint32_t bits,
                           uint32_t cleared)
{
    const struct pci_register *reg = &space->registers[offset / 4];
    uint32_t kept = read_hardware(space, offset) & ~(reg->forward | reg->clear);

    hardware_write(space->hardware + offset, 4,
                   (kept | (bits & reg->forward) | cleared) & ~reg->never);
}

void pci_space_init(struct pci_space *space, const struct pci_space_ops *ops, void *context,
                    uint64_t hardware)
{
    *space = (struct pci_space){.ops = ops,
                                .context = context,
                                .hardware = hardware,
                                .last_link = PCI_CAPABILITIES,
                                .link_shift = 0};
}

void pci_space_lay(struct pci_space *space, unsigned int offset, const struct pci_row *rows,
                   unsigned int row_count)
{
    for (unsigned int i = 0; i < row_count; i++) {
        struct pci_register *reg = &space->registers[(offset + rows[i].offset) / 4];

        *reg = (struct pci_register){.value = reg->value,
                                     .hardware = rows[i].hardware,
                                     .guest = rows[i].guest,
                                     .forward = rows[i].forward,
                                     .clear = rows[i].clear,
                                     .never = rows[i].never,
                                     .effect = rows[i].effect};
    }
}

void pci_space_add_capability(struct pci_space *space, unsigned int offset, uint8_t id,
                              const struct pci_row *rows, unsigned int row_count)
{
    pci_space_lay(space, offset, rows, row_count);
    space->registers[space->last_link / 4].value |= offset << space->link_shift;
    space->registers[PCI_COMMAND / 4].value |= PCI_STATUS_CAPABILITIES;
    space->registers[offset / 4].value |= id;
    space->last_link = offset;
    space->link_shift = 8;
}

void pci_space_set(struct pci_space *space, unsigned int offset, uint32_t mask, uint32_t value)
{
    struct pci_register *reg = &space->registers[offset / 4];

    reg->value = (reg->value & ~mask) | (value & mask);
}

uint32_t pci_space_get(const struct pci_space *space, unsigned int offset)
{
    return space->registers[offset / 4].value;
}

void pci_space_set_bar(struct pci_space *space, unsigned int bar, const struct pci_bar *value)
{
    struct pci_register *reg = &space->registers[PCI_BAR0 / 4 + bar];
    uint64_t mask = ~(value->size - 1);

    if (value->size == 0) {
        return;
    }
    reg[0] = (struct pci_register){.value = (uint32_t)value->address | value->kind,
                                   .guest = (uint32_t)mask & ~PCI_BAR_KIND};
    if ((value->kind & PCI_BAR_64) != 0) {
        reg[1] = (struct pci_register){.value = (uint32_t)(value->address >> 32),
                                       .guest = (uint32_t)(mask >> 32)};
    }
}

static bool is_there(const struct pci_space *space)
{
    return space->ops == NULL || space->ops->is_there == NULL ||
           space->ops->is_there(space->context);
}

uint32_t pci_space_read(struct pci_space *space, unsigned int offset)
{
    const struct pci_register *reg = &space->registers[offset / 4 % PCI_REGISTER_COUNT];

    if (!is_there(space)) {
        return PCI_NOTHING;
    }
    if (offset >= PCI_STANDARD_SIZE) {
        return 0; /* the extended space: no capability */
    }
    if (reg->effect != PCI_EFFECT_NONE && space->ops != NULL && space->ops->reading != NULL) {
        space->ops->reading(space->context, reg->effect, offset);
    }
    if (reg->hardware == 0) {
        return reg->value;
    }
    return (reg->value & ~reg->hardware) | (read_hardware(space, offset) & reg->hardware);
}

void pci_space_write(struct pci_space *space, unsigned int offset, uint32_t value, uint32_t mask)
{
    struct pci_register *reg = &space->registers[offset / 4 % PCI_REGISTER_COUNT];
    struct pci_write write = {.offset = offset, .value = value & mask, .mask = mask};

    if (offset >= PCI_STANDARD_SIZE || !is_there(space)) {
        return;
    }
    write.before = reg->value;
    pci_space_set(space, offset, reg->guest & mask, value);
    if ((write.value & reg->clear) != 0) {
        uint32_t same = read_hardware(space, offset);

        write_hardware(space, offset, same, write.value & reg->clear);
    }
    if (reg->effect != PCI_EFFECT_NONE && space->ops != NULL && space->ops->written != NULL) {
        space->ops->written(space->context, reg->effect, &write);
    }
}

void pci_space_forward(const struct pci_space *space, unsigned int offset, uint32_t bits)
{
    write_hardware(space, offset, bits, 0);
}
