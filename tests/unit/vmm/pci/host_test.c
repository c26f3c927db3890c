/* SPDX-License-Identifier: BSD-2-Clause */
/* A host bridge that the guest has whole, reset between two guests. */
#include <stdio.h>

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "tests/unit/vmm/fake/pci_tree.h"
#include "vmm/pci/host.h"
#include "vmm/pci/pci.h"

static struct vm_config config;
static struct pci_hosts hosts;

static void start(uint64_t buses)
{
    fake_reset();
    tree_reset();
    config = (struct vm_config){.name = "linux",
                                .device_count = 1,
                                .devices = {{.kind = VM_CONFIG_DEVICE_PCI_HOST,
                                             .first_bus = TREE_FIRST_BUS,
                                             .intid = VM_CONFIG_NO_INTID,
                                             .ipa = 0x3f000000,
                                             .size = buses << 20,
                                             .vaddr = TREE_ECAM}}};
    pci_hosts_init(&hosts, &config);
}

static unsigned int devfn(unsigned int device, unsigned int function)
{
    return device << 3 | function;
}

static void expect_restart(void)
{
    assert_true(pci_hosts_can_restart(&hosts));
    assert_true(pci_hosts_wait(&hosts));
    assert_string_equal(fake.console, "");
}

static void nothing_to_do(void **state)
{
    (void)state;
    start(TREE_BUSES);
    config.device_count = 0;
    pci_hosts_halt(&hosts);
    expect_restart();
    assert_int_equal(tree_access_count, 0);
}

/* Those on the bridge itself: by FLR, as a virtio device. */
static void functions_of_the_root(void **state)
{
    int disk;
    int nvme;
    uint64_t halted;

    (void)state;
    start(TREE_BUSES);
    disk = tree_add_virtio(TREE_ROOT, devfn(1, 0));
    nvme = tree_add_with_flr(TREE_ROOT, devfn(2, 0));
    pci_hosts_halt(&hosts);
    halted = fake_clock.now;
    assert_int_equal(tree[disk].device_status, 0);
    assert_int_equal(tree_get(&tree[disk], PCI_COMMAND, 2), PCI_COMMAND_INTX_DISABLE);
    assert_int_equal(tree[nvme].flr_count, 1);
    assert_false(tree[nvme].was_master_at_reset);
    assert_int_equal(tree_get(&tree[nvme], TREE_MSIX + 2, 2), 0);
    expect_restart();
    assert_in_range(fake_clock.now - halted, 100000 - 5000, 120000);
    assert_in_range(fake_clock.now - tree[nvme].flr_at, 100000, 200000);
    pci_hosts_halt(&hosts); /* and again */
    assert_int_equal(tree[nvme].flr_count, 2);
    expect_restart();
}

/* Nothing takes its time that was not asked to. */
static void no_wait_for_nothing(void **state)
{
    uint64_t began;

    (void)state;
    start(TREE_BUSES);
    tree_add_virtio(TREE_ROOT, devfn(1, 0));
    began = fake_clock.now;
    pci_hosts_halt(&hosts);
    expect_restart();
    assert_in_range(fake_clock.now - began, 0, 20000);
}

static void bridges_in_bridges(void **state)
{
    int port;
    int inner;
    int behind;
    int far;
    uint64_t halted;

    (void)state;
    start(TREE_BUSES);
    port = tree_add_bridge(TREE_ROOT, devfn(3, 0), 5, 7);
    inner = tree_add_bridge(port, devfn(0, 0), 6, 6);
    behind = tree_add(port, devfn(1, 0), 0x10d38086); /* no reset of its own */
    far = tree_add(inner, devfn(4, 0), 0x10d38086);
    pci_hosts_halt(&hosts);
    halted = fake_clock.now;
    assert_int_equal(tree[behind].bus_reset_count, 1);
    assert_int_equal(tree[far].bus_reset_count, 1);
    assert_false(tree[behind].was_master_at_reset);
    assert_false(tree[far].was_master_at_reset);
    assert_false(tree[inner].was_master_at_reset);
    assert_int_equal(tree_get(&tree[inner], TREE_MSI + 2, 2), 0);
    assert_int_equal(tree_get(&tree[port], TREE_MSI + 2, 2), 0);
    assert_int_equal(tree_get(&tree[port], PCI_COMMAND, 2), PCI_COMMAND_INTX_DISABLE);
    assert_int_equal(tree_get(&tree[port], PCI_BRIDGE_CONTROL, 2), 0);
    assert_int_equal(tree_get(&tree[port], PCI_BUSES, 4), 0x40000000);
    assert_in_range(tree[port].bus_held, 1000, 10000);
    expect_restart();
    assert_in_range(fake_clock.now - halted, 100000 - 5000, 120000);
}

/* Numbers that lead round, to the bridge's own bus, to nowhere, and twice to the same. */
static void bus_numbers_that_are_none(void **state)
{
    static const struct {
        unsigned int secondary;
        unsigned int subordinate;
    } garbage[] = {{TREE_FIRST_BUS, 255},
                   {0, 255},
                   {255, 255},
                   {TREE_FIRST_BUS + TREE_BUSES, 255},
                   {5, 4},
                   {2, 2},
                   {5, 5},
                   {6, 6},
                   {0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        for (size_t k = 0; k < sizeof(garbage) / sizeof(garbage[0]); k++) {
            int ports[2];
            int inner;
            int ends[3];

            start(TREE_BUSES);
            ports[0] = tree_add_bridge(TREE_ROOT, devfn(3, 0), garbage[i].secondary,
                                       garbage[i].subordinate);
            ports[1] = tree_add_bridge(TREE_ROOT, devfn(4, 0), garbage[k].secondary,
                                       garbage[k].subordinate);
            inner = tree_add_bridge(ports[0], devfn(0, 0), garbage[k].secondary,
                                    garbage[i].subordinate);
            ends[0] = tree_add(ports[0], devfn(1, 0), 0x10d38086);
            ends[1] = tree_add(ports[1], devfn(1, 0), 0x10d38086);
            ends[2] = tree_add(inner, devfn(1, 0), 0x10d38086);
            pci_hosts_halt(&hosts);
            for (size_t n = 0; n < 3; n++) {
                assert_false(tree_is_master(ends[n]));
                assert_int_equal(tree[ends[n]].bus_reset_count, 1);
            }
            assert_false(tree_is_master(ports[0]));
            assert_false(tree_is_master(ports[1]));
            expect_restart();
            assert_in_range(tree_access_count, 1, 40000);
        }
    }
}

/* The guest left a bus in its reset: nobody can be asked behind it. */
static void bus_in_a_reset(void **state)
{
    int port;
    int behind;

    (void)state;
    start(TREE_BUSES);
    port = tree_add_bridge(TREE_ROOT, devfn(3, 0), 5, 5);
    behind = tree_add(port, devfn(0, 0), 0x10d38086);
    tree_set(&tree[port], PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_RESET | 1);
    pci_hosts_halt(&hosts);
    assert_int_equal(tree[behind].bus_reset_count, 1);
    assert_false(tree_is_master(behind));
    assert_int_equal(tree_get(&tree[port], PCI_BRIDGE_CONTROL, 2), 1);
    expect_restart();
}

/* All buses there are, each once; what was not given to the guest is not touched. */
static void as_many_buses_as_there_are(void **state)
{
    int above = TREE_ROOT;

    (void)state;
    start(TREE_BUSES);
    for (unsigned int bus = TREE_FIRST_BUS + 1; bus < TREE_FIRST_BUS + TREE_BUSES; bus++) {
        above = tree_add_bridge(above, devfn(0, 0), bus, 255);
    }
    above = tree_add(above, devfn(2, 0), 0x10d38086);
    pci_hosts_halt(&hosts);
    assert_int_equal(tree[above].bus_reset_count, 1);
    assert_false(tree[above].was_master_at_reset);
    start(4);
    above = TREE_ROOT;
    for (unsigned int bus = TREE_FIRST_BUS + 1; bus < TREE_FIRST_BUS + TREE_BUSES; bus++) {
        above = tree_add_bridge(above, devfn(0, 0), bus, 255);
    }
    above = tree_add(above, devfn(2, 0), 0x10d38086);
    pci_hosts_halt(&hosts);
    assert_int_equal(tree[2].write_count > 0, true);
    assert_int_equal(tree[above].write_count, 0);
    assert_int_equal(tree[above].bus_reset_count, 1);
    expect_restart();
}

static void functions_of_a_device(void **state)
{
    int first;
    int fourth;
    int alone;
    int hidden;

    (void)state;
    start(TREE_BUSES);
    first = tree_add_with_flr(TREE_ROOT, devfn(5, 0));
    fourth = tree_add_with_flr(TREE_ROOT, devfn(5, 3));
    tree[first].space[0x0e] = 0x80;
    alone = tree_add_with_flr(TREE_ROOT, devfn(6, 0));
    tree_add_with_flr(TREE_ROOT, devfn(6, 1)); /* the same one again, for all that can be known */
    hidden = tree_add_with_flr(TREE_ROOT, devfn(7, 1));
    pci_hosts_halt(&hosts);
    assert_int_equal(tree[first].flr_count, 1);
    assert_int_equal(tree[fourth].flr_count, 1);
    assert_int_equal(tree[alone].flr_count, 1);
    assert_int_equal(tree[alone + 1].flr_count, 0);
    assert_int_equal(tree[hidden].flr_count, 0);
    expect_restart();
}

/* It stays as it is: what has no driver has no bus master bit set again. */
static void the_root_itself(void **state)
{
    int root;

    (void)state;
    start(TREE_BUSES);
    root = tree_add(TREE_ROOT, devfn(0, 0), 0x00081b36);
    tree_set(&tree[root], PCI_CLASS, 4, 0x06000000);
    pci_hosts_halt(&hosts);
    assert_true(tree_is_master(root));
    assert_int_equal(tree[root].write_count, 0);
    expect_restart();
}

static void no_reset(void **state)
{
    int card;

    (void)state;
    start(TREE_BUSES);
    card = tree_add(TREE_ROOT, devfn(5, 0), 0x10d38086);
    tree_set(&tree[card], PCI_COMMAND, 2, 0x0003); /* and never was a master */
    pci_hosts_halt(&hosts);
    assert_false(tree_is_master(card));
    expect_restart();
    tree_set(&tree[card], PCI_COMMAND, 2, 0x0006);
    pci_hosts_halt(&hosts);
    assert_false(tree_is_master(card));
    assert_int_equal(tree_get(&tree[card], PCI_COMMAND, 2), PCI_COMMAND_INTX_DISABLE);
    for (int i = 0; i < 2; i++) {
        memset(fake.console, 0, sizeof(fake.console));
        assert_false(pci_hosts_can_restart(&hosts));
        assert_string_equal(fake.console, "[linux] 03:05.0 (8086:10d3): no reset is known, so "
                                          "that the guest cannot be started again\n");
        pci_hosts_halt(&hosts); /* which does not make it better */
    }
}

/* Capabilities that make no virtio device of it, and a header of no type. */
static void no_reset_by_garbage(void **state)
{
    int odd;

    (void)state;
    start(TREE_BUSES);
    odd = tree_add(TREE_ROOT, devfn(5, 0), 0x10011af4);
    tree_add_capability(odd, TREE_WINDOW, PCI_CAPABILITY_VENDOR, VIRTIO_CAP_WINDOW << 24);
    tree_add_capability(odd, TREE_COMMON, PCI_CAPABILITY_VENDOR, 2u << 24);
    pci_hosts_halt(&hosts);
    assert_false(pci_hosts_can_restart(&hosts));
    start(TREE_BUSES);
    odd = tree_add(TREE_ROOT, devfn(5, 0), 0x12345678);
    memset(tree[odd].space + 8, 0xff, TREE_SPACE - 8); /* also the chain, and bus numbers */
    tree[odd].space[0x0e] = 0x55;
    pci_hosts_halt(&hosts);
    assert_false(pci_hosts_can_restart(&hosts));
    assert_int_equal(tree_get(&tree[odd], PCI_BUSES, 4), 0xffffffff);
    start(TREE_BUSES);
    odd = tree_add(TREE_ROOT, devfn(5, 0), 0x1234ffff);
    memset(tree[odd].space + 4, 0xff, TREE_SPACE - 4);
    pci_hosts_halt(&hosts);
    assert_int_equal(tree[odd].write_count, 0); /* nothing is there */
    expect_restart();
}

static void transactions_that_stay_pending(void **state)
{
    uint64_t began;

    (void)state;
    start(TREE_BUSES);
    for (unsigned int i = 0; i < 8; i++) {
        tree[tree_add_with_flr(TREE_ROOT, devfn(1 + i, 0))].is_pending = true;
    }
    began = fake_clock.now;
    pci_hosts_halt(&hosts);
    assert_in_range(fake_clock.now - began, 100000, 150000); /* for all of them together */
    assert_int_equal(tree[7].flr_count, 1);
    expect_restart();
}

static void functions_that_do_not_come_back(void **state)
{
    int nvme;

    (void)state;
    start(TREE_BUSES);
    tree_add_virtio(TREE_ROOT, devfn(1, 0));
    nvme = tree_add_with_flr(TREE_ROOT, devfn(2, 0));
    tree[nvme].is_silent_after_reset = true;
    pci_hosts_halt(&hosts);
    assert_false(pci_hosts_wait(&hosts));
    assert_string_equal(fake.console, "[linux] PCI host bridge: functions do not come out of "
                                      "their reset: 1 of 2 answer\n");
    tree[nvme].silent_until = 0; /* later */
    assert_true(pci_hosts_wait(&hosts));
}

static void virtio_that_hangs(void **state)
{
    int disk;

    (void)state;
    start(TREE_BUSES);
    disk = tree_add_virtio(TREE_ROOT, devfn(1, 0));
    tree[disk].ignores_status = true;
    pci_hosts_halt(&hosts);
    assert_false(tree_is_master(disk));
    for (int i = 0; i < 2; i++) {
        memset(fake.console, 0, sizeof(fake.console));
        assert_false(pci_hosts_wait(&hosts));
        assert_string_equal(fake.console, "[linux] PCI host bridge: a virtio device does not come "
                                          "out of its reset\n");
    }
    tree[disk].ignores_status = false;
    assert_true(pci_hosts_wait(&hosts));
    assert_int_equal(tree[disk].device_status, 0);
}

static void asleep(void **state)
{
    int nvme;
    int port;
    int behind;

    (void)state;
    start(TREE_BUSES);
    nvme = tree_add_with_flr(TREE_ROOT, devfn(1, 0));
    port = tree_add_bridge(TREE_ROOT, devfn(3, 0), 5, 5);
    behind = tree_add(port, devfn(0, 0), 0x10d38086);
    tree_add_capability(nvme, TREE_POWER, PCI_CAPABILITY_POWER, 0x00030000);
    tree_add_capability(port, TREE_POWER, PCI_CAPABILITY_POWER, 0x00030000);
    tree_set(&tree[nvme], TREE_POWER + POWER_CONTROL, 2, 0x0103);
    tree_set(&tree[port], TREE_POWER + POWER_CONTROL, 2, POWER_D3HOT);
    pci_hosts_halt(&hosts);
    assert_int_equal(tree_get(&tree[nvme], TREE_POWER + POWER_CONTROL, 2), POWER_D0);
    assert_int_equal(tree_get(&tree[port], TREE_POWER + POWER_CONTROL, 2), POWER_D0);
    assert_int_equal(tree[nvme].flr_count, 1);
    assert_in_range(tree[nvme].flr_at, 11000, 50000);
    assert_int_equal(tree[behind].write_count, 0); /* it is off */
    assert_int_equal(tree[behind].bus_reset_count, 1);
    expect_restart();
}

static void not_mapped_for_the_vmm(void **state)
{
    (void)state;
    start(TREE_BUSES);
    config.devices[0].vaddr = 0;
    pci_hosts_halt(&hosts);
    assert_false(pci_hosts_can_restart(&hosts));
    assert_string_equal(fake.console,
                        "[linux] PCI host bridge at 0x3f000000: not mapped for the VMM, which "
                        "cannot reset its functions, so that the guest cannot be started again\n");
    assert_int_equal(tree_access_count, 0);
}

/* As whoever has all of PCI asks for it. */
static void part_of_the_machine(void **state)
{
    static struct vm_pci pci;
    static struct vgic vgic;
    static struct mmio_bus bus;
    int nvme;

    (void)state;
    start(TREE_BUSES);
    nvme = tree_add_with_flr(TREE_ROOT, devfn(2, 0));
    assert_true(pci_create(&pci, &config, &vgic, &bus));
    assert_true(pci_prepare(&pci));
    assert_int_equal(tree_access_count, 0);
    pci_halt(&pci);
    assert_int_equal(tree[nvme].flr_count, 1);
    assert_true(pci_can_restart(&pci));
    tree[nvme].is_there = false;
    assert_false(pci_prepare(&pci));
    tree[nvme].is_there = true;
    assert_true(pci_prepare(&pci));
    config.devices[0].vaddr = 0;
    assert_false(pci_can_restart(&pci));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(functions_of_the_root),
        cmocka_unit_test(no_wait_for_nothing),
        cmocka_unit_test(bridges_in_bridges),
        cmocka_unit_test(bus_numbers_that_are_none),
        cmocka_unit_test(bus_in_a_reset),
        cmocka_unit_test(as_many_buses_as_there_are),
        cmocka_unit_test(functions_of_a_device),
        cmocka_unit_test(the_root_itself),
        cmocka_unit_test(no_reset),
        cmocka_unit_test(no_reset_by_garbage),
        cmocka_unit_test(transactions_that_stay_pending),
        cmocka_unit_test(functions_that_do_not_come_back),
        cmocka_unit_test(virtio_that_hangs),
        cmocka_unit_test(asleep),
        cmocka_unit_test(not_mapped_for_the_vmm),
        cmocka_unit_test(part_of_the_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
