/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration space of one function, passed through or emulated, as 64 registers of 32 bits;
 * the extended space is empty and reads as zero. A kind of function lays tables of rows over it,
 * for its header and for each capability, and a row says of each bit
 *
 *     hardware   it is read from the physical function;
 *     guest      it is the guest's: what was written is what is read;
 *     forward    of these: what reaches the physical function, as its owner decides
 *     clear      writing 1 clears it in the physical function;
 *     never      writing 1 starts something there, and what is read is never written back as one
 *
 * and all others are constant, and zero unless they are set. An effect tells the owner that the
 * guest has written to the row. Accesses are dwords with a mask of the bits that are written, so
 * that nothing depends on how wide the guest writes.
 */
#ifndef SLUICE_VMM_PCI_SPACE_H
#define SLUICE_VMM_PCI_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/pci/pci_regs.h"

#define PCI_REGISTER_COUNT (PCI_STANDARD_SIZE / 4)

/* What a write is for. */
enum pci_effect {
    PCI_EFFECT_NONE,
    PCI_EFFECT_COMMAND,
    PCI_EFFECT_MSI,
    PCI_EFFECT_MSIX,
    PCI_EFFECT_DEVICE, /* PCI Express device control */
    PCI_EFFECT_POWER,
    PCI_EFFECT_WINDOW, /* virtio's VIRTIO_PCI_CAP_PCI_CFG */
};

struct pci_row {
    uint8_t offset; /* from the start of the header, or of the capability */
    uint8_t effect; /* enum pci_effect */
    uint32_t hardware;
    uint32_t guest;
    uint32_t forward;
    uint32_t clear;
    uint32_t never;
};

struct pci_write {
    unsigned int offset; /* of the dword */
    uint32_t before;     /* the register's constants and the guest's bits, before this */
    uint32_t value;      /* as written; 0 where `mask` is */
    uint32_t mask;       /* the bits that were written */
};

struct pci_space_ops {
    /* Or NULL. False: the function does not answer just now. */
    bool (*is_there)(void *context);
    /* Or NULL: the guest reads a register that has an effect, and gets what it holds then. */
    void (*reading)(void *context, enum pci_effect effect, unsigned int offset);
    /* Or NULL. The register holds the guest's bits already. */
    void (*written)(void *context, enum pci_effect effect, const struct pci_write *write);
};

struct pci_register {
    uint32_t value; /* constants, and the guest's bits */
    uint32_t hardware;
    uint32_t guest;
    uint32_t forward;
    uint32_t clear;
    uint32_t never;
    uint32_t effect;
};

struct pci_space {
    const struct pci_space_ops *ops; /* or NULL */
    void *context;
    uint64_t hardware;       /* the physical function's, in the VMM's PD; 0: there is none */
    unsigned int last_link;  /* of the capabilities' chain: the dword that names the next one */
    unsigned int link_shift; /* and where in it */
    struct pci_register registers[PCI_REGISTER_COUNT];
};

/* A memory BAR; size 0: there is none. */
struct pci_bar {
    uint64_t address;
    uint64_t size;
    uint32_t kind; /* PCI_BAR_64, PCI_BAR_PREFETCH */
};

/* Empty: all reads as zero. `ops` and `context` stay the caller's. */
void pci_space_init(struct pci_space *space, const struct pci_space_ops *ops, void *context,
                    uint64_t hardware);
void pci_space_lay(struct pci_space *space, unsigned int offset, const struct pci_row *rows,
                   unsigned int row_count);
/* A capability, last in the chain so far: its rows, and that it is there. They are added once. */
void pci_space_add_capability(struct pci_space *space, unsigned int offset, uint8_t id,
                              const struct pci_row *rows, unsigned int row_count);
/* Constant bits, or the guest's to begin with. */
void pci_space_set(struct pci_space *space, unsigned int offset, uint32_t mask, uint32_t value);
/* What the register holds: constants and the guest's bits, nothing of hardware's. */
uint32_t pci_space_get(const struct pci_space *space, unsigned int offset);
/* What the guest writes to it answers its sizing, and nothing else. */
void pci_space_set_bar(struct pci_space *space, unsigned int bar, const struct pci_bar *value);

/* The guest's accesses; `offset` is a multiple of 4 below PCI_SPACE_SIZE. */
uint32_t pci_space_read(struct pci_space *space, unsigned int offset);
void pci_space_write(struct pci_space *space, unsigned int offset, uint32_t value, uint32_t mask);

/* To the physical function: of the register's `forward` bits those of `bits`, its others as they
 * are, and none is cleared. */
void pci_space_forward(const struct pci_space *space, unsigned int offset, uint32_t bits);

#endif
