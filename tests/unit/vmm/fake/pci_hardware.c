/* SPDX-License-Identifier: BSD-2-Clause */
/* See pci_hardware.h. */
#include "tests/unit/vmm/fake/pci_hardware.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "vmm/pci/hardware.h"
#include "vmm/pci/pci_regs.h"

struct fake_pci_function fake_pci[FAKE_PCI_FUNCTIONS];

void fake_pci_reset(void)
{
    memset(fake_pci, 0, sizeof(fake_pci));
}

void fake_pci_set(struct fake_pci_function *function, unsigned int offset, uint32_t value,
                  uint32_t writable, uint32_t clears)
{
    function->config[offset / 4] = value;
    if (offset >= 0x100) {
        return; /* the extended space only reads */
    }
    function->writable[offset / 4] = writable;
    function->clears[offset / 4] = clears;
}

struct fake_pci_function *fake_pci_add(unsigned int function, uint32_t id)
{
    struct fake_pci_function *added = &fake_pci[function];

    added->is_there = true;
    fake_pci_set(added, PCI_ID, id, 0, 0);
    fake_pci_set(added, PCI_COMMAND, 0x02a80000, 0x0547, 0xf9000000);
    fake_pci_set(added, PCI_CLASS, 0x01800001, 0, 0);
    fake_pci_set(added, PCI_HEADER, 0, 0xff, 0);
    fake_pci_set(added, PCI_SUBSYSTEM, 0x11001af4, 0, 0);
    fake_pci_set(added, PCI_ROM, 0, 0xfffff801, 0);
    fake_pci_set(added, PCI_INTERRUPT, 0x0100, 0xff, 0);
    return added;
}

void fake_pci_add_bar(struct fake_pci_function *function, unsigned int bar, uint64_t size,
                      uint32_t kind)
{
    uint64_t mask = ~(size - 1);

    function->bar_size[bar] = size;
    fake_pci_set(function, PCI_BAR0 + 4 * bar, kind, (uint32_t)mask & ~PCI_BAR_KIND, 0);
    if ((kind & PCI_BAR_64) != 0) {
        fake_pci_set(function, PCI_BAR0 + 4 * bar + 4, 0, (uint32_t)(mask >> 32), 0);
    }
}

void fake_pci_add_capability(struct fake_pci_function *function, unsigned int at, uint8_t id,
                             uint32_t first)
{
    uint32_t *link = &function->config[PCI_CAPABILITIES / 4];
    unsigned int shift = 0;

    while ((*link >> shift & 0xff) != 0) {
        link = &function->config[(*link >> shift & 0xff) / 4];
        shift = 8;
    }
    *link |= at << shift;
    function->config[PCI_COMMAND / 4] |= PCI_STATUS_CAPABILITIES;
    function->config[at / 4] = first | id;
}

void fake_pci_add_msix(struct fake_pci_function *function, unsigned int at, unsigned int count,
                       uint32_t table, uint32_t pba)
{
    fake_pci_add_capability(function, at, PCI_CAPABILITY_MSIX, (count - 1) << 16);
    function->writable[at / 4] = 0xc0000000;
    fake_pci_set(function, at + 4, table, 0, 0);
    fake_pci_set(function, at + 8, pba, 0, 0);
}

void fake_pci_add_msi(struct fake_pci_function *function, unsigned int at, bool is_64,
                      bool is_maskable)
{
    unsigned int data = at + (is_64 ? 0xc : 0x8);

    fake_pci_add_capability(function, at, PCI_CAPABILITY_MSI,
                            0x00060000 | (is_64 ? MSI_64 : 0) | (is_maskable ? MSI_MASKABLE : 0));
    function->writable[at / 4] = 0x00710000;
    fake_pci_set(function, at + 4, 0, 0xfffffffc, 0);
    if (is_64) {
        fake_pci_set(function, at + 8, 0, 0xffffffff, 0);
    }
    fake_pci_set(function, data, 0, 0xffff, 0);
    if (is_maskable) {
        fake_pci_set(function, data + 4, 0, 0xff, 0);
        fake_pci_set(function, data + 8, 0, 0, 0);
    }
}

void fake_pci_add_pcie(struct fake_pci_function *function, unsigned int at, bool has_flr)
{
    fake_pci_add_capability(function, at, PCI_CAPABILITY_PCIE, 0x00020000);
    fake_pci_set(function, at + 4, 0x00008022 | (has_flr ? PCIE_DEVICE_FLR : 0), 0, 0);
    fake_pci_set(function, at + 8, 0x00102810, 0x7fff, 0x000f0000);
    fake_pci_set(function, at + 0xc, 0x00477c11, 0, 0);
    fake_pci_set(function, at + 0x10, 0x10110000, 0x03ff, 0xc0000000);
    fake_pci_set(function, at + 0x24, 0x0000001f, 0, 0);
    fake_pci_set(function, at + 0x28, 0x00000005, 0x7fff, 0);
    function->flr_at = has_flr ? at : 0;
}

void fake_pci_add_power(struct fake_pci_function *function, unsigned int at)
{
    fake_pci_add_capability(function, at, PCI_CAPABILITY_POWER, 0xc8230000);
    fake_pci_set(function, at + 4, 0x00000000, 0x0103, 0x8000);
}

/* What a function-level reset leaves of the registers. */
static void reset_function(struct fake_pci_function *function)
{
    function->flr_count++;
    function->is_there = !function->is_silent_after_flr;
    for (unsigned int i = 0; i < 64; i++) {
        function->config[i] &= ~function->writable[i];
    }
    memset(function->bars, 0xaa, sizeof(function->bars));
}

static struct fake_pci_function *find_config(uint64_t vaddr)
{
    uint64_t function = (vaddr - FAKE_PCI_CONFIG(0)) / 0x1000;

    return vaddr >= FAKE_PCI_CONFIG(0) && function < FAKE_PCI_FUNCTIONS ? &fake_pci[function]
                                                                        : NULL;
}

static uint8_t *find_bar(uint64_t vaddr, unsigned int size, struct fake_pci_function **function,
                         unsigned int *bar)
{
    uint64_t offset = vaddr - FAKE_PCI_BAR(0, 0);
    uint64_t number = offset / FAKE_PCI_BAR_SIZE;

    assert(vaddr >= FAKE_PCI_BAR(0, 0) && number < FAKE_PCI_FUNCTIONS * 8 && number % 8 < 6);
    *function = &fake_pci[number / 8];
    *bar = number % 8;
    assert(offset % FAKE_PCI_BAR_SIZE + size <= (*function)->bar_size[*bar]);
    /* On a real machine an access that no BAR answers may be fatal. */
    assert(((*function)->config[PCI_COMMAND / 4] & PCI_COMMAND_MEMORY) != 0);
    return &(*function)->bars[*bar][offset % FAKE_PCI_BAR_SIZE];
}

uint64_t hardware_read(uint64_t vaddr, unsigned int size)
{
    struct fake_pci_function *function = find_config(vaddr);
    uint64_t value = 0;
    unsigned int bar;

    assert(vaddr % size == 0);
    if (function == NULL) {
        memcpy(&value, find_bar(vaddr, size, &function, &bar), size);
    } else if (function->is_there) {
        memcpy(&value, (uint8_t *)function->config + vaddr % 0x1000, size);
    } else {
        memset(&value, 0xff, size);
    }
    return value;
}

static void write_config(struct fake_pci_function *function, unsigned int offset, uint32_t value,
                         uint32_t mask)
{
    uint32_t *reg = &function->config[offset / 4];

    function->write_count[offset / 4]++;
    if (!function->is_there || offset >= 0x100) {
        return;
    }
    *reg = (*reg & ~(function->writable[offset / 4] & mask)) |
           (value & mask & function->writable[offset / 4]);
    *reg &= ~(value & mask & function->clears[offset / 4]);
    if (function->flr_at != 0 && offset == function->flr_at + PCIE_CONTROL &&
        (value & mask & PCIE_CONTROL_FLR) != 0) {
        reset_function(function);
    }
}

void hardware_write(uint64_t vaddr, unsigned int size, uint64_t value)
{
    struct fake_pci_function *function = find_config(vaddr);
    unsigned int shift = vaddr % 4 * 8;
    unsigned int bar;
    uint8_t *bytes;

    assert(vaddr % size == 0);
    if (function != NULL) {
        assert(size <= 4);
        write_config(function, vaddr % 0x1000 & ~3u, (uint32_t)(value << shift),
                     (uint32_t)(((1UL << size * 8) - 1) << shift));
        return;
    }
    bytes = find_bar(vaddr, size, &function, &bar);
    if (!function->is_read_only) {
        memcpy(bytes, &value, size);
    }
    function->bar_write_count++;
    if (function->on_bar_write != NULL) {
        function->on_bar_write(function, bar, vaddr % FAKE_PCI_BAR_SIZE);
    }
}
