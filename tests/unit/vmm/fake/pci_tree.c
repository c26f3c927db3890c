/* SPDX-License-Identifier: BSD-2-Clause */
/* See pci_tree.h. */
#include "tests/unit/vmm/fake/pci_tree.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/components/serial/fake/clock.h"
#include "vmm/pci/hardware.h"
#include "vmm/pci/pci_regs.h"

#define CAP_COMMON 0x1000u /* where in BAR 4 a virtio device has its common registers */

struct tree_function tree[TREE_FUNCTIONS];
unsigned int tree_count;
unsigned int tree_access_count;

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

uint32_t tree_get(const struct tree_function *function, unsigned int offset, unsigned int size)
{
    uint32_t value = 0;

    memcpy(&value, &function->space[offset], size);
    return value;
}

void tree_set(struct tree_function *function, unsigned int offset, unsigned int size,
              uint32_t value)
{
    memcpy(&function->space[offset], &value, size);
}

static void reset_registers(struct tree_function *function)
{
    function->was_master_at_reset =
        (tree_get(function, PCI_COMMAND, 2) & PCI_COMMAND_BUS_MASTER) != 0;
    tree_set(function, PCI_COMMAND, 2, 0);
    function->device_status = 0;
    if (function->space[0x0e] == 1) {
        tree_set(function, PCI_BUSES, 4, 0);
    }
    function->silent_until = function->is_silent_after_reset ? UINT64_MAX : fake_clock.now + 50000;
}

static void reset_bus(int bridge)
{
    for (unsigned int i = 0; i < tree_count; i++) {
        if (tree[i].parent == bridge && tree[i].is_there) {
            tree[i].bus_reset_count++;
            reset_registers(&tree[i]);
            reset_bus((int)i);
        }
    }
}

bool tree_is_bridge(const struct tree_function *function)
{
    return (function->space[0x0e] & 0x7f) == 1;
}

/* Down the tree, as bridges say: the first that takes it. */
static struct tree_function *route(unsigned int bus, unsigned int devfn)
{
    int parent = TREE_ROOT;
    unsigned int here = TREE_FIRST_BUS;

    for (unsigned int depth = 0; depth < TREE_FUNCTIONS && bus != here; depth++) {
        int next = TREE_ROOT;
        for (unsigned int i = 0; i < tree_count && next == TREE_ROOT; i++) {
            const struct tree_function *bridge = &tree[i];
            if (bridge->is_there && bridge->parent == parent && tree_is_bridge(bridge) &&
                bridge->space[0x19] <= bus && bus <= bridge->space[0x1a] &&
                (tree_get(bridge, PCI_BRIDGE_CONTROL, 2) & PCI_BRIDGE_RESET) == 0) {
                next = (int)i;
                here = bridge->space[0x19];
            }
        }
        if (next == TREE_ROOT) {
            return NULL;
        }
        parent = next;
    }
    for (unsigned int i = 0; i < tree_count; i++) {
        struct tree_function *function = &tree[i];
        if (bus == here && function->is_there && function->parent == parent &&
            function->devfn == devfn && fake_clock.now >= function->silent_until) {
            return function;
        }
    }
    return NULL;
}

static struct tree_function *find(uint64_t vaddr, unsigned int size)
{
    uint64_t offset = vaddr - TREE_ECAM;

    require(vaddr >= TREE_ECAM && offset < (uint64_t)TREE_BUSES << 20);
    require(vaddr % size == 0);
    tree_access_count++;
    return route(TREE_FIRST_BUS + (unsigned int)(offset >> 20),
                 (unsigned int)(offset >> 12 & 0xff));
}

/* What the window of a virtio function leads to: the status, or nothing. While the BAR is decoded
 * it is not to be used: QEMU 10 ends. */
static bool is_status(const struct tree_function *function)
{
    return (tree_get(function, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY) == 0 &&
           function->space[TREE_WINDOW] == PCI_CAPABILITY_VENDOR &&
           tree_get(function, TREE_WINDOW + VIRTIO_CAP_BAR, 1) == 4 &&
           tree_get(function, TREE_WINDOW + VIRTIO_CAP_OFFSET, 4) == CAP_COMMON + 0x14 &&
           tree_get(function, TREE_WINDOW + VIRTIO_CAP_SIZE, 4) == 1;
}

uint64_t hardware_read(uint64_t vaddr, unsigned int size)
{
    struct tree_function *function = find(vaddr, size);
    unsigned int offset = (unsigned int)(vaddr & 0xfff);

    if (function == NULL) {
        return ~0UL >> (64 - 8 * size);
    }
    if (offset + size > TREE_SPACE) {
        return 0;
    }
    if (offset == TREE_WINDOW + VIRTIO_CAP_DATA && is_status(function)) {
        return function->device_status;
    }
    if (offset == TREE_PCIE + PCIE_CONTROL && size == 4 && function->is_pending) {
        return tree_get(function, offset, size) | PCIE_STATUS_PENDING;
    }
    return tree_get(function, offset, size);
}

static void written(struct tree_function *function, unsigned int offset, uint32_t before)
{
    uint32_t now = tree_get(function, offset, 2);

    if (tree_is_bridge(function) && offset == PCI_BRIDGE_CONTROL &&
        (~before & now & PCI_BRIDGE_RESET) != 0) {
        function->bus_held_at = fake_clock.now;
        reset_bus((int)(function - tree));
    }
    if (tree_is_bridge(function) && offset == PCI_BRIDGE_CONTROL &&
        (before & ~now & PCI_BRIDGE_RESET) != 0) {
        function->bus_held = fake_clock.now - function->bus_held_at;
    }
    if (function->has_flr && offset == TREE_PCIE + PCIE_CONTROL && (now & PCIE_CONTROL_FLR) != 0) {
        tree_set(function, offset, 2, now & ~PCIE_CONTROL_FLR);
        function->flr_count++;
        function->flr_at = fake_clock.now;
        reset_registers(function);
    }
}

void hardware_write(uint64_t vaddr, unsigned int size, uint64_t value)
{
    struct tree_function *function = find(vaddr, size);
    unsigned int offset = (unsigned int)(vaddr & 0xfff);
    uint32_t before;

    require(size <= 4);
    if (function == NULL || offset + size > TREE_SPACE) {
        return;
    }
    function->write_count++;
    if (offset == TREE_WINDOW + VIRTIO_CAP_DATA && is_status(function)) {
        function->device_status = function->ignores_status ? 4 : (uint8_t)value;
        return;
    }
    before = tree_get(function, offset, 2);
    tree_set(function, offset, size, (uint32_t)value);
    written(function, offset, before);
}

static void tick(void)
{
    fake_clock.now += 1000; /* a millisecond */
    fake_clock.on_look = tick;
    fake_clock.looks = 0;
}

void tree_reset(void)
{
    memset(tree, 0, sizeof(tree));
    tree_count = 0;
    tree_access_count = 0;
    fake_clock = (struct fake_clock){.now = 1000, .alarm = UINT64_MAX, .on_look = tick};
}

int tree_add(int parent, unsigned int at, uint32_t id)
{
    struct tree_function *function = &tree[tree_count];

    require(tree_count < TREE_FUNCTIONS);
    *function = (struct tree_function){.is_there = true, .parent = parent, .devfn = at};
    tree_set(function, PCI_ID, 4, id);
    tree_set(function, PCI_COMMAND, 4, 0x00100107);
    tree_set(function, PCI_CLASS, 4, 0x02000001);
    return (int)tree_count++;
}

void tree_add_capability(int index, unsigned int at, uint8_t id, uint32_t first)
{
    struct tree_function *function = &tree[index];

    tree_set(function, at, 4, first | id | (uint32_t)function->space[PCI_CAPABILITIES] << 8);
    function->space[PCI_CAPABILITIES] = (uint8_t)at;
}

int tree_add_with_flr(int parent, unsigned int at)
{
    int index = tree_add(parent, at, 0x00101b36);

    tree_add_capability(index, TREE_PCIE, PCI_CAPABILITY_PCIE, 0x00020000);
    tree_set(&tree[index], TREE_PCIE + PCIE_DEVICE, 4, PCIE_DEVICE_FLR);
    tree_set(&tree[index], TREE_PCIE + PCIE_CONTROL, 2, 0x2810);
    tree[index].has_flr = true;
    tree_add_capability(index, TREE_MSIX, PCI_CAPABILITY_MSIX, 0x80000000);
    return index;
}

int tree_add_virtio(int parent, unsigned int at)
{
    int index = tree_add(parent, at, 0x10011af4);

    tree_add_capability(index, TREE_COMMON, PCI_CAPABILITY_VENDOR,
                        VIRTIO_CAP_COMMON << 24 | 16u << 16);
    tree_set(&tree[index], TREE_COMMON + VIRTIO_CAP_BAR, 1, 4);
    tree_set(&tree[index], TREE_COMMON + VIRTIO_CAP_OFFSET, 4, CAP_COMMON);
    tree_add_capability(index, TREE_WINDOW, PCI_CAPABILITY_VENDOR,
                        VIRTIO_CAP_WINDOW << 24 | 20u << 16);
    tree[index].device_status = 0xf;
    return index;
}

int tree_add_bridge(int parent, unsigned int at, unsigned int secondary, unsigned int subordinate)
{
    int index = tree_add(parent, at, 0x000c1b36);

    tree_set(&tree[index], PCI_CLASS, 4, 0x06040000);
    tree[index].space[0x0e] = 1;
    tree[index].space[0x18] = TREE_FIRST_BUS;
    tree[index].space[0x19] = (uint8_t)secondary;
    tree[index].space[0x1a] = (uint8_t)subordinate;
    tree[index].space[0x1b] = 0x40; /* latency timer */
    tree_add_capability(index, TREE_MSI, PCI_CAPABILITY_MSI, 0x00010000);
    return index;
}

bool tree_is_master(int index)
{
    return (tree_get(&tree[index], PCI_COMMAND, 2) & PCI_COMMAND_BUS_MASTER) != 0;
}
