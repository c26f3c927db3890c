/* SPDX-License-Identifier: BSD-2-Clause */
/* See msix.h. */
#include "vmm/pci/msix.h"

#include <stddef.h>

#include "vmm/pci/v2m.h"

#define WORDS (MSIX_ENTRY_SIZE / 4)

unsigned int pci_msi_choice(const struct vm_config_msi *frame, uint64_t address, uint32_t data)
{
    if (frame->count == 0 || address != frame->ipa + V2M_SETSPI_NS || data < frame->first ||
        data - frame->first >= frame->count) {
        return PCI_MSI_NONE;
    }
    return data;
}

void pci_msix_init(struct pci_msix *msix, const struct vm_config_msi *frame, unsigned int count)
{
    *msix = (struct pci_msix){.frame = frame, .count = count};
    for (unsigned int i = 0; i < count; i++) {
        msix->entries[i].control = MSIX_VECTOR_MASKED;
    }
}

static uint32_t read_word(const struct pci_msix_entry *entry, unsigned int word)
{
    const uint32_t words[WORDS] = {(uint32_t)entry->address, (uint32_t)(entry->address >> 32),
                                   entry->data, entry->control};

    return words[word];
}

static void write_word(struct pci_msix_entry *entry, unsigned int word, uint32_t value)
{
    switch (word) {
    case 0:
        entry->address = (entry->address & ~0xffffffffUL) | (value & ~0x3u);
        break;
    case 1:
        entry->address = (entry->address & 0xffffffffUL) | (uint64_t)value << 32;
        break;
    case 2:
        entry->data = value;
        break;
    default:
        entry->control = value & MSIX_VECTOR_MASKED;
        break;
    }
}

int pci_msix_access(struct pci_msix *msix, uint64_t offset, struct mmio_access *access)
{
    uint64_t entry = offset / MSIX_ENTRY_SIZE;
    unsigned int word = offset % MSIX_ENTRY_SIZE / 4;

    if ((access->size != 4 && access->size != 8) || offset % access->size != 0) {
        access->value = access->is_write ? access->value : mmio_ones(access->size);
        return -1;
    }
    if (entry >= msix->count) {
        access->value = access->is_write ? access->value : 0;
        return -1;
    }
    access->value = access->is_write ? access->value : 0;
    for (unsigned int i = 0; i < access->size / 4; i++) {
        if (access->is_write) {
            write_word(&msix->entries[entry], word + i, (uint32_t)(access->value >> 32 * i));
        } else {
            access->value |= (uint64_t)read_word(&msix->entries[entry], word + i) << 32 * i;
        }
    }
    return access->is_write ? (int)entry : -1;
}

unsigned int pci_msix_choice(const struct pci_msix *msix, unsigned int entry)
{
    const struct pci_msix_entry *written = &msix->entries[entry];

    return pci_msi_choice(msix->frame, written->address, written->data);
}

bool pci_msix_is_masked(const struct pci_msix *msix, unsigned int entry)
{
    return msix->entries[entry].control != 0;
}

void pci_msix_update(struct pci_msix *msix, struct vgic *vgic)
{
    if ((msix->control & (MSIX_ENABLE | MSIX_MASK_ALL)) != MSIX_ENABLE) {
        return;
    }
    for (unsigned int i = 0; i < msix->count; i++) {
        struct virq *virq;

        if ((msix->pending & 1UL << i) == 0 || pci_msix_is_masked(msix, i)) {
            continue;
        }
        msix->pending &= ~(1UL << i);
        virq = vgic_find(vgic, 0, pci_msix_choice(msix, i));
        if (virq != NULL && virq->intid >= VGIC_PRIVATE_COUNT) {
            vgic_raise(vgic, virq);
        }
    }
}

void pci_msix_raise(struct pci_msix *msix, struct vgic *vgic, unsigned int entry)
{
    if ((msix->control & MSIX_ENABLE) == 0 || entry >= msix->count) {
        return;
    }
    msix->pending |= 1UL << entry;
    pci_msix_update(msix, vgic);
}
