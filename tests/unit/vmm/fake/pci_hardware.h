/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A physical PCI function for tests, in the place of vmm/pci/hardware.c: its configuration space
 * with the rules that registers have there, and its BARs as memory. It counts what is written to
 * it, so that tests can say what must not be.
 */
#ifndef SLUICE_TESTS_UNIT_VMM_FAKE_PCI_HARDWARE_H
#define SLUICE_TESTS_UNIT_VMM_FAKE_PCI_HARDWARE_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_PCI_FUNCTIONS 3
#define FAKE_PCI_BARS      6
#define FAKE_PCI_BAR_SIZE  0x8000u

/* Addresses in the VMM's PD, of which this is the machine. */
#define FAKE_PCI_CONFIG(function)   (0x500000000UL + (function)*0x1000UL)
#define FAKE_PCI_BAR(function, bar) (0x600000000UL + ((function)*8UL + (bar)) * FAKE_PCI_BAR_SIZE)

struct fake_pci_function {
    bool is_there;
    uint32_t config[1024]; /* what reads */
    uint32_t writable[64]; /* bits that a write sets */
    uint32_t clears[64];   /* bits that a 1 clears */
    uint64_t bar_size[FAKE_PCI_BARS];
    unsigned int flr_at; /* of the PCI Express capability: bit 15 of its device control resets */
    unsigned int flr_count;
    bool is_silent_after_flr;       /* it does not come back by itself */
    unsigned int write_count[1024]; /* for each dword of configuration space */
    uint8_t bars[FAKE_PCI_BARS][FAKE_PCI_BAR_SIZE];
    /* Or NULL: after a write to a BAR. */
    void (*on_bar_write)(struct fake_pci_function *function, unsigned int bar, uint64_t offset);
    unsigned int bar_write_count;
    bool is_read_only; /* what is written to a BAR is lost */
};

extern struct fake_pci_function fake_pci[FAKE_PCI_FUNCTIONS];

/* None of them is there. */
void fake_pci_reset(void);
/* One with a type 0 header, and nothing behind it. */
struct fake_pci_function *fake_pci_add(unsigned int function, uint32_t id);
/* A memory BAR, of `kind` bits; a 64-bit one takes the next, too. */
void fake_pci_add_bar(struct fake_pci_function *function, unsigned int bar, uint64_t size,
                      uint32_t kind);
/* `first` without id and next: last in the chain so far. */
void fake_pci_add_capability(struct fake_pci_function *function, unsigned int at, uint8_t id,
                             uint32_t first);
void fake_pci_set(struct fake_pci_function *function, unsigned int offset, uint32_t value,
                  uint32_t writable, uint32_t clears);
/* The function's capabilities of the real ones, with registers as there. */
void fake_pci_add_msix(struct fake_pci_function *function, unsigned int at, unsigned int count,
                       uint32_t table, uint32_t pba);
void fake_pci_add_msi(struct fake_pci_function *function, unsigned int at, bool is_64,
                      bool is_maskable);
void fake_pci_add_pcie(struct fake_pci_function *function, unsigned int at, bool has_flr);
void fake_pci_add_power(struct fake_pci_function *function, unsigned int at);

#endif
