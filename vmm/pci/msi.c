/* SPDX-License-Identifier: BSD-2-Clause */
/* See msi.h. */
#include "vmm/pci/msi.h"

#include "vmm/pci/hardware.h"

#define ENTRY_ADDRESS    0x0u
#define ENTRY_ADDRESS_HI 0x4u
#define ENTRY_DATA       0x8u
#define ENTRY_CONTROL    0xcu

static bool is_passed_through(const struct vm_config *config, unsigned int intid)
{
    for (unsigned int i = 0; i < config->irq_count; i++) {
        if (config->irqs[i].intid == intid) {
            return true;
        }
    }
    return false;
}

static bool is_deliverable(const struct vm_config *config, unsigned int intid)
{
    return intid != PCI_MSI_NONE && config->msi.doorbell != 0 && is_passed_through(config, intid);
}

static void write_entry_word(const struct pci_passthrough *function, unsigned int entry,
                             unsigned int word, uint64_t value)
{
    hardware_write(function->msix_table + (uint64_t)entry * MSIX_ENTRY_SIZE + word, 4,
                   (uint32_t)value);
}

static void mask_entry(const struct pci_passthrough *function, unsigned int entry)
{
    write_entry_word(function, entry, ENTRY_CONTROL, MSIX_VECTOR_MASKED);
}

void pci_msi_write_entry(struct pci_passthrough *function, unsigned int entry)
{
    const struct vm_config *config = function->config;
    unsigned int intid = pci_msix_choice(&function->msix, entry);

    mask_entry(function, entry);
    if (pci_msix_is_masked(&function->msix, entry) || !is_deliverable(config, intid)) {
        /* The answer says that no message of before is under way any more. */
        (void)hardware_read(function->msix_table + (uint64_t)entry * MSIX_ENTRY_SIZE, 4);
        return;
    }
    write_entry_word(function, entry, ENTRY_ADDRESS, config->msi.doorbell);
    write_entry_word(function, entry, ENTRY_ADDRESS_HI, config->msi.doorbell >> 32);
    write_entry_word(function, entry, ENTRY_DATA, intid);
    write_entry_word(function, entry, ENTRY_CONTROL, 0);
}

/* What the guest's registers mean now. */
static unsigned int choice(const struct pci_passthrough *function,
                           const struct pci_msi_layout *layout)
{
    const struct pci_space *space = &function->space;
    unsigned int at = function->found.msi;
    uint64_t address = pci_space_get(space, at + MSI_ADDRESS);

    if (layout->is_64) {
        address |= (uint64_t)pci_space_get(space, at + MSI_ADDRESS_HI) << 32;
    }
    return pci_msi_choice(&function->config->msi, address,
                          pci_space_get(space, at + layout->data) & 0xffff);
}

void pci_msi_write(struct pci_passthrough *function, const struct pci_write *write)
{
    struct pci_space *space = &function->space;
    unsigned int at = function->found.msi;
    struct pci_msi_layout layout = pci_msi_layout(pci_space_read(space, at));
    uint64_t doorbell = function->config->msi.doorbell;
    unsigned int intid = choice(function, &layout);

    if (layout.is_maskable && write->offset == at + layout.mask) {
        pci_space_forward(space, at + layout.mask, pci_space_get(space, at + layout.mask));
        return;
    }
    pci_space_forward(space, at, 0);
    if ((pci_space_get(space, at) & MSI_ENABLE) == 0 || !is_deliverable(function->config, intid)) {
        return;
    }
    pci_space_forward(space, at + MSI_ADDRESS, (uint32_t)doorbell);
    if (layout.is_64) {
        pci_space_forward(space, at + MSI_ADDRESS_HI, (uint32_t)(doorbell >> 32));
    }
    pci_space_forward(space, at + layout.data, intid);
    if (layout.is_maskable) {
        pci_space_forward(space, at + layout.mask, pci_space_get(space, at + layout.mask));
    }
    pci_space_forward(space, at, MSI_ENABLE);
}

static void set_first(uint64_t vaddr, uint32_t cleared, uint32_t set)
{
    uint32_t first = (uint32_t)hardware_read(vaddr, 4);

    hardware_write(vaddr, 4, (first & ~cleared) | set);
}

void pci_msi_silence(const struct pci_passthrough *function)
{
    uint64_t vaddr = function->config->pci.functions[function->index].config_vaddr;

    if (function->found.msi != 0) {
        set_first(vaddr + function->found.msi, MSI_ENABLE, 0);
    }
    if (function->found.msix != 0) {
        set_first(vaddr + function->found.msix, MSIX_ENABLE, MSIX_MASK_ALL);
    }
    for (unsigned int i = 0; function->msix_table != 0 && i < function->msix_size; i++) {
        mask_entry(function, i);
    }
}
