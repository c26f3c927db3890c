/* SPDX-License-Identifier: BSD-2-Clause */
/* See bars.h. */
#include "vmm/pci/bars.h"

#include <inttypes.h>
#include <stddef.h>

#include "vmm/pci/hardware.h"
#include "vmm/pci/report.h"

#define PAGE_SIZE  0x1000u
#define LIMIT_32   0x100000000UL
#define IO_ADDRESS (~0x3u)

/* The description's idea of one BAR. */
struct described {
    uint64_t address;
    uint64_t size; /* 0: no region */
};

static uint32_t read_bar(uint64_t vaddr, unsigned int bar)
{
    return (uint32_t)hardware_read(vaddr + PCI_BAR0 + 4 * bar, 4);
}

static void write_bar(uint64_t vaddr, unsigned int bar, uint32_t value)
{
    hardware_write(vaddr + PCI_BAR0 + 4 * bar, 4, value);
}

static uint32_t sized(uint64_t vaddr, unsigned int bar)
{
    write_bar(vaddr, bar, ~0u);
    return read_bar(vaddr, bar);
}

static bool is_64(const struct pci_bar *bar)
{
    return (bar->kind & PCI_BAR_64) != 0;
}

/* How large it is; memory is disabled. What it held is lost. */
static struct pci_bar probe(uint64_t vaddr, unsigned int bar)
{
    uint32_t low = sized(vaddr, bar);
    uint64_t mask = low & ~PCI_BAR_KIND;
    struct pci_bar found = {.kind = low & PCI_BAR_KIND};

    if ((low & PCI_BAR_IO) != 0) {
        return (struct pci_bar){.kind = PCI_BAR_IO, .size = -(uint64_t)(low & IO_ADDRESS) & 0xffff};
    }
    if (is_64(&found) && bar + 1 < PCI_BAR_COUNT) {
        mask |= (uint64_t)sized(vaddr, bar + 1) << 32;
    } else if (mask != 0) {
        mask |= ~0xffffffffUL;
    }
    found.size = -mask;
    return found;
}

static struct described find_described(const struct vm_config *config, unsigned int function,
                                       unsigned int bar)
{
    struct described found = {0};

    for (unsigned int i = 0; i < config->pci.piece_count; i++) {
        const struct vm_config_pci_piece *piece = &config->pci.pieces[i];

        if (piece->function != function || piece->bar != bar) {
            continue;
        }
        found.address = found.size == 0 ? piece->ipa : found.address;
        found.size += piece->size;
    }
    return found;
}

static const char *kind_of(const struct pci_bar *bar)
{
    if (bar->size == 0) {
        return "none";
    }
    return (bar->kind & PCI_BAR_IO) != 0 ? "I/O" : "memory";
}

/* Whether the function's BAR can be what the description says; a line says why not. */
static bool matches(const struct vm_config *config, unsigned int function, unsigned int bar,
                    const struct pci_bar *found, const struct described *described)
{
    bool is_memory = found->size != 0 && (found->kind & PCI_BAR_IO) == 0;
    uint64_t size = is_memory && found->size < PAGE_SIZE ? PAGE_SIZE : found->size;

    if (!is_memory && described->size != 0) {
        pci_report(config, function, "BAR %u: expected memory of 0x%" PRIx64 " bytes, found %s",
                   bar, described->size, kind_of(found));
    } else if (is_memory && described->size == 0) {
        pci_report(config, function,
                   "BAR %u: expected none, for which there is no region, found memory of 0x%" PRIx64
                   " bytes",
                   bar, found->size);
    } else if (is_memory && described->size != size) {
        pci_report(config, function,
                   "BAR %u: expected memory of 0x%" PRIx64 " bytes, found 0x%" PRIx64, bar,
                   described->size, found->size);
    } else if (is_memory && described->address % size != 0) {
        pci_report(config, function, "BAR %u: 0x%" PRIx64 " is no multiple of its size 0x%" PRIx64,
                   bar, described->address, found->size);
    } else if (is_memory && !is_64(found) && described->address > LIMIT_32 - size) {
        pci_report(config, function, "BAR %u: has 32 bits, and cannot be at 0x%" PRIx64, bar,
                   described->address);
    } else {
        return true;
    }
    return false;
}

/* False: it does not keep its address. */
static bool place(uint64_t vaddr, unsigned int bar, const struct pci_bar *value)
{
    uint64_t mask = ~(uint64_t)PCI_BAR_KIND;
    uint64_t kept;

    write_bar(vaddr, bar, (uint32_t)value->address);
    if (is_64(value)) {
        write_bar(vaddr, bar + 1, (uint32_t)(value->address >> 32));
    }
    kept = read_bar(vaddr, bar);
    if (is_64(value)) {
        kept |= (uint64_t)read_bar(vaddr, bar + 1) << 32;
    }
    return (kept & mask) == value->address;
}

static bool assign(const struct vm_config *config, unsigned int function, unsigned int bar,
                   struct pci_bar *value)
{
    uint64_t vaddr = config->pci.functions[function].config_vaddr;
    struct described described = find_described(config, function, bar);

    *value = probe(vaddr, bar);
    write_bar(vaddr, bar, 0);
    if (!matches(config, function, bar, value, &described)) {
        return false;
    }
    if ((value->kind & PCI_BAR_IO) != 0 || value->size == 0) {
        *value = (struct pci_bar){0}; /* not offered, and disabled with all I/O */
        return true;
    }
    value->address = described.address;
    if (!place(vaddr, bar, value)) {
        pci_report(config, function, "BAR %u: does not take 0x%" PRIx64, bar, value->address);
        return false;
    }
    return true;
}

static bool is_upper_half(const struct vm_config *config, unsigned int function, unsigned int bar)
{
    if (find_described(config, function, bar).size == 0) {
        return true;
    }
    pci_report(config, function, "BAR %u: expected memory, found the upper half of BAR %u", bar,
               bar - 1);
    return false;
}

bool pci_bars_assign(const struct vm_config *config, unsigned int function,
                     struct pci_bar bars[PCI_BAR_COUNT])
{
    bool is_good = true;

    for (unsigned int bar = 0; bar < PCI_BAR_COUNT; bar++) {
        is_good = assign(config, function, bar, &bars[bar]) && is_good;
        if (is_64(&bars[bar]) && bar + 1 < PCI_BAR_COUNT) {
            bars[++bar] = (struct pci_bar){0};
            is_good = is_upper_half(config, function, bar) && is_good;
        }
    }
    return is_good;
}

uint64_t pci_bars_piece_offset(const struct vm_config *config, unsigned int piece)
{
    const struct vm_config_pci_piece *pieces = config->pci.pieces;
    uint64_t offset = 0;

    for (unsigned int i = 0; i < piece; i++) {
        if (pieces[i].function == pieces[piece].function && pieces[i].bar == pieces[piece].bar) {
            offset += pieces[i].size;
        }
    }
    return offset;
}

uint64_t pci_bars_find(const struct vm_config *config, unsigned int function, unsigned int bar,
                       uint64_t offset, uint64_t size, bool trapped)
{
    for (unsigned int i = 0; i < config->pci.piece_count; i++) {
        const struct vm_config_pci_piece *piece = &config->pci.pieces[i];
        uint64_t start = pci_bars_piece_offset(config, i);

        if (piece->function == function && piece->bar == bar && piece->vaddr != 0 &&
            (!trapped || (piece->flags & VM_CONFIG_PCI_IN_GUEST) == 0) && size <= piece->size &&
            offset >= start && offset - start <= piece->size - size) {
            return piece->vaddr + (offset - start);
        }
    }
    return 0;
}

uint64_t pci_bars_find_virtio(const struct vm_config *config, unsigned int function,
                              unsigned int common)
{
    uint64_t capability = config->pci.functions[function].config_vaddr + common;
    uint64_t offset;

    if (common == 0) {
        return 0;
    }
    offset = hardware_read(capability + VIRTIO_CAP_OFFSET, 4);
    if (offset % 4 != 0) { /* as it has to be (4.1.4.3.1) */
        return 0;
    }
    return pci_bars_find(config, function,
                         (unsigned int)hardware_read(capability + VIRTIO_CAP_BAR, 1), offset,
                         VIRTIO_DEVICE_STATUS + 4, false);
}
