/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A physical PCI bus with bridges for tests, in the place of vmm/pci/hardware.c: accesses are
 * routed by the bus numbers that bridges have, whatever these are. A bridge resets what is behind
 * it; the clock goes on by a millisecond whenever it is looked at.
 */
#ifndef SLUICE_TESTS_UNIT_VMM_FAKE_PCI_TREE_H
#define SLUICE_TESTS_UNIT_VMM_FAKE_PCI_TREE_H

#include <stdbool.h>
#include <stdint.h>

#define TREE_ECAM      0x500000000UL
#define TREE_FIRST_BUS 3u
#define TREE_BUSES     16u
#define TREE_ROOT      (-1)
#define TREE_FUNCTIONS 24u
#define TREE_SPACE     0x200u /* of a function: what is behind reads as zero */

/* Where the functions made here have their capabilities. */
#define TREE_COMMON 0x40u
#define TREE_WINDOW 0x50u
#define TREE_PCIE   0x80u
#define TREE_MSI    0xa0u
#define TREE_MSIX   0xb0u
#define TREE_POWER  0xc0u

struct tree_function {
    bool is_there;
    int parent; /* a bridge's index, or TREE_ROOT */
    unsigned int devfn;
    uint8_t space[TREE_SPACE];
    bool has_flr;
    bool is_silent_after_reset;
    bool is_pending;
    bool ignores_status; /* a virtio device that hangs */
    uint8_t device_status;
    uint64_t silent_until;
    /* What happened to it. */
    unsigned int flr_count;
    unsigned int bus_reset_count; /* with the bus that it is on */
    unsigned int write_count;
    uint64_t flr_at;
    bool was_master_at_reset;
    uint64_t bus_held_at; /* a bridge: the clock when the reset of its bus began, */
    uint64_t bus_held;    /* and how long it was */
};

extern struct tree_function tree[TREE_FUNCTIONS];
extern unsigned int tree_count;
extern unsigned int tree_access_count;

/* No function is there, and the clock is at its start. */
void tree_reset(void);

uint32_t tree_get(const struct tree_function *function, unsigned int offset, unsigned int size);
void tree_set(struct tree_function *function, unsigned int offset, unsigned int size,
              uint32_t value);
bool tree_is_bridge(const struct tree_function *function);
bool tree_is_master(int index);

/* Each returns the index of a new function, one that masters DMA; `at` is device << 3 | function.
 */
int tree_add(int parent, unsigned int at, uint32_t id);
int tree_add_with_flr(int parent, unsigned int at);
int tree_add_virtio(int parent, unsigned int at);
int tree_add_bridge(int parent, unsigned int at, unsigned int secondary, unsigned int subordinate);
void tree_add_capability(int index, unsigned int at, uint8_t id, uint32_t first);

#endif
