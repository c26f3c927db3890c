/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for a host bridge that a guest has whole, with whatever it made of it. Input: a
 * byte that says how many functions there are, eight bytes for each, and then changes of their
 * configuration spaces, four bytes each.
 *
 * Whatever bus numbers, capabilities and headers there are: it ends, in time; nothing outside of
 * the ECAM is accessed (tests/unit/vmm/fake/pci_tree.c); and nothing masters DMA any more that is
 * on the first bus, or behind a bridge there.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/vmm/fake/fake.h"
#include "tests/unit/vmm/fake/pci_tree.h"
#include "vmm/pci/host.h"
#include "vmm/pci/pci_regs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct made {
    uint8_t kind;
    uint8_t parent;
    uint8_t at;
    uint8_t secondary;
    uint8_t subordinate;
    uint8_t flags;
    uint8_t reserved[2];
} __attribute__((packed));

struct change {
    uint8_t function;
    uint8_t offset;
    uint8_t value[2];
} __attribute__((packed));

#define IS_PENDING 0x1
#define IS_SILENT  0x2
#define IS_STUCK   0x4

/* By 4 s for devices that hang, 1 s for those that are silent, and less for all else. */
#define TIME_LIMIT   6000000UL
#define ACCESS_LIMIT 20000000u

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static int make(const struct made *made, int parent)
{
    switch (made->kind % 4) {
    case 0:
        return tree_add(parent, made->at, 0x10d38086);
    case 1:
        return tree_add_with_flr(parent, made->at);
    case 2:
        return tree_add_virtio(parent, made->at);
    default:
        return tree_add_bridge(parent, made->at, made->secondary, made->subordinate);
    }
}

/* Two functions are not in one place. */
static bool is_taken(int parent, unsigned int at)
{
    for (unsigned int i = 0; i < tree_count; i++) {
        if (tree[i].parent == parent && tree[i].devfn == at) {
            return true;
        }
    }
    return false;
}

static void add(const struct made *made)
{
    int parent = (int)(made->parent % (tree_count + 1)) - 1;

    if (is_taken(parent, made->at) || (parent >= 0 && !tree_is_bridge(&tree[parent]))) {
        return;
    }
    struct tree_function *function = &tree[make(made, parent)];
    function->is_pending = (made->flags & IS_PENDING) != 0;
    function->is_silent_after_reset = (made->flags & IS_SILENT) != 0;
    function->ignores_status = (made->flags & IS_STUCK) != 0;
    if ((made->flags & 0x8) != 0) {
        function->space[0x0e] |= 0x80;
    }
}

static void change(const struct change *change)
{
    if (tree_count > 0) {
        memcpy(&tree[change->function % tree_count].space[change->offset & ~1u], change->value, 2);
    }
}

/* As whoever looks for functions sees it. */
static bool is_found(const struct tree_function *function)
{
    bool has_first = (function->devfn & 7) == 0;

    for (unsigned int i = 0; i < tree_count && !has_first; i++) {
        has_first = tree[i].parent == TREE_ROOT && tree[i].devfn == (function->devfn & ~7u) &&
                    PCI_VENDOR(tree_get(&tree[i], PCI_ID, 4)) != PCI_NO_VENDOR &&
                    (tree[i].space[0x0e] & 0x80) != 0;
    }
    return has_first && PCI_VENDOR(tree_get(function, PCI_ID, 4)) != PCI_NO_VENDOR &&
           tree_get(function, PCI_CLASS, 4) >> 16 != PCI_CLASS_HOST_BRIDGE;
}

/* It is on the first bus, or what leads to it are bridges. */
static bool is_in_reach(const struct tree_function *function)
{
    while (function->parent != TREE_ROOT) {
        function = &tree[function->parent];
        if (!tree_is_bridge(function)) {
            return false;
        }
    }
    return is_found(function);
}

static void expect_quiet(const bool *was_in_reach)
{
    for (unsigned int i = 0; i < tree_count; i++) {
        require(!was_in_reach[i] || !tree_is_master((int)i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct vm_config config = {.name = "linux",
                                            .device_count = 1,
                                            .devices = {{.kind = VM_CONFIG_DEVICE_PCI_HOST,
                                                         .first_bus = TREE_FIRST_BUS,
                                                         .ipa = 0x3f000000,
                                                         .size = (uint64_t)TREE_BUSES << 20,
                                                         .vaddr = TREE_ECAM}}};
    struct pci_hosts hosts;
    bool is_reached[TREE_FUNCTIONS];
    size_t at = 1;

    fake_reset();
    tree_reset();
    pci_hosts_init(&hosts, &config);
    for (unsigned int i = size > 0 ? data[0] % (TREE_FUNCTIONS + 1) : 0;
         i > 0 && size - at >= sizeof(struct made); i--) {
        add((const struct made *)&data[at]);
        at += sizeof(struct made);
    }
    for (; at < size && size - at >= sizeof(struct change); at += sizeof(struct change)) {
        change((const struct change *)&data[at]);
    }
    for (unsigned int i = 0; i < tree_count; i++) {
        is_reached[i] = is_in_reach(&tree[i]);
    }
    pci_hosts_halt(&hosts);
    expect_quiet(is_reached);
    if (pci_hosts_can_restart(&hosts)) {
        (void)pci_hosts_wait(&hosts);
        expect_quiet(is_reached);
    }
    require(fake_clock.now < TIME_LIMIT && tree_access_count < ACCESS_LIMIT);
    return 0;
}
