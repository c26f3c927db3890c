/* SPDX-License-Identifier: BSD-2-Clause */
/* What is checked before the guest runs, and what a configuration has to be. */
#include <stdio.h>

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/pci/rig.h"

#define NVME_BAR0 "[linux] nvme (00:02.0): BAR 0: "

static void expect_refused(const char *line)
{
    rig_create();
    assert_false(pci_prepare(&rig_pci));
    assert_string_equal(fake.console, line);
    /* Nothing of it can do anything. */
    assert_int_equal(rig_config_space(RIG_NVME, PCI_COMMAND) & 0x0004, 0);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) & 0x0004, 0);
}

static void absent(void **state)
{
    (void)state;
    rig_reset();
    fake_pci[RIG_NVME].is_there = false;
    expect_refused("[linux] nvme (00:02.0): expected a function, found none\n");
}

static void another_one(void **state)
{
    (void)state;
    rig_reset();
    rig_config.pci.functions[RIG_DISK].id = 0x10421af4;
    expect_refused("[linux] disk (01:01.0): expected 1af4:1042, found 1af4:1001\n");
}

static void a_bridge(void **state)
{
    (void)state;
    rig_reset();
    fake_pci[RIG_NVME].config[PCI_HEADER / 4] = 0x00810000;
    expect_refused("[linux] nvme (00:02.0): expected a function with a header of type 0, found "
                   "type 1\n");
}

static void bar_sizes(void **state)
{
    (void)state;
    rig_reset();
    fake_pci_add_bar(&fake_pci[RIG_NVME], 0, 0x8000, PCI_BAR_64);
    expect_refused(NVME_BAR0 "expected memory of 0x4000 bytes, found 0x8000\n");
    rig_reset();
    fake_pci_add_bar(&fake_pci[RIG_NVME], 0, 0x2000, PCI_BAR_64);
    expect_refused(NVME_BAR0 "expected memory of 0x4000 bytes, found 0x2000\n");
    rig_reset();
    fake_pci_set(&fake_pci[RIG_NVME], PCI_BAR0, 4, 0, 0); /* 16 GiB */
    fake_pci_set(&fake_pci[RIG_NVME], PCI_BAR0 + 4, 0, 0xfffffffc, 0);
    expect_refused(NVME_BAR0 "expected memory of 0x4000 bytes, found 0x400000000\n");
}

static void bar_kinds(void **state)
{
    (void)state;
    rig_reset();
    fake_pci_set(&fake_pci[RIG_NVME], PCI_BAR0, PCI_BAR_IO, 0xffffffe0, 0);
    expect_refused(NVME_BAR0 "expected memory of 0x4000 bytes, found I/O\n");
    rig_reset();
    fake_pci_set(&fake_pci[RIG_NVME], PCI_BAR0, 0, 0, 0);
    fake_pci_set(&fake_pci[RIG_NVME], PCI_BAR0 + 4, 0, 0, 0);
    expect_refused(NVME_BAR0 "expected memory of 0x4000 bytes, found none\n");
    rig_reset();
    rig_config.pci.pieces[4].bar = 1;
    fake_pci_add_bar(&fake_pci[RIG_NVME], 0, 0x4000, PCI_BAR_64);
    rig_config.pci.pieces[3].size = 0x2000;
    expect_refused("[linux] nvme (00:02.0): BAR 1: expected memory, found the upper half of BAR "
                   "0\n");
}

static void bar_without_a_region(void **state)
{
    (void)state;
    rig_reset();
    fake_pci_add_bar(&fake_pci[RIG_NVME], 2, 0x100, 0);
    expect_refused("[linux] nvme (00:02.0): BAR 2: expected none, for which there is no region, "
                   "found memory of 0x100 bytes\n");
}

static void bar_places(void **state)
{
    (void)state;
    rig_reset();
    for (unsigned int i = 2; i < 5; i++) {
        rig_config.pci.pieces[i].ipa += 0x1000;
    }
    expect_refused(NVME_BAR0 "0x10011000 is no multiple of its size 0x4000\n");
    rig_reset();
    for (unsigned int i = 2; i < 5; i++) {
        rig_config.pci.pieces[i].ipa += 0x100000000;
    }
    fake_pci_add_bar(&fake_pci[RIG_NVME], 0, 0x4000, 0);
    expect_refused(NVME_BAR0 "has 32 bits, and cannot be at 0x110010000\n");
    rig_reset();
    fake_pci_set(&fake_pci[RIG_NVME], PCI_BAR0 + 4, 0, 0x00ffffff, 0); /* not all of its bits */
    expect_refused(NVME_BAR0 "expected memory of 0x4000 bytes, found 0xff00000000004000\n");
}

static void table_in_the_guest(void **state)
{
    static const char line[] =
        "[linux] nvme (00:02.0): expected the MSI-X table mapped for the VMM and not for the guest, "
        "found it in BAR 0 at 0x%x, 0x410 bytes\n";
    char text[200];

    (void)state;
    snprintf(text, sizeof(text), line, 0x2000);
    rig_reset();
    rig_config.pci.pieces[3].flags = VM_CONFIG_PCI_IN_GUEST;
    expect_refused(text);
    rig_reset();
    rig_config.pci.pieces[3].vaddr = 0;
    expect_refused(text);
    for (unsigned int offset = 0; offset <= 0x4000; offset += 8) { /* wherever else it may be */
        rig_reset();
        fake_pci[RIG_NVME].config[(RIG_NVME_MSIX + 4) / 4] = offset;
        rig_create();
        assert_int_equal(pci_prepare(&rig_pci), offset >= 0x2000 && offset <= 0x3000 - 0x410);
    }
    rig_reset();
    fake_pci[RIG_NVME].config[(RIG_NVME_MSIX + 4) / 4] = 0xfffffff8;
    snprintf(text, sizeof(text), line, 0xfffffff8);
    expect_refused(text);
    rig_reset();
    fake_pci[RIG_NVME].config[(RIG_NVME_MSIX + 4) / 4] = 0x2007; /* BAR 7 */
    rig_create();
    assert_false(pci_prepare(&rig_pci));
}

/* One that is refused does not keep the others from being checked, and each has its line. */
static void one_line_each(void **state)
{
    (void)state;
    rig_reset();
    fake_pci[RIG_NVME].is_there = false;
    fake_pci[RIG_DISK].is_there = false;
    expect_refused("[linux] disk (01:01.0): expected a function, found none\n"
                   "[linux] nvme (00:02.0): expected a function, found none\n");
    fake_pci[RIG_NVME].is_there = true;
    fake_pci[RIG_DISK].is_there = true;
    assert_true(pci_prepare(&rig_pci)); /* somebody plugged it in */
}

static void configurations(void **state)
{
    struct vm_config good;

    (void)state;
    rig_reset();
    good = rig_config;
    assert_true(pci_config_is_sound(&rig_config));
    rig_config.pci.function_count = VM_CONFIG_MAX_PCI_FUNCTIONS + 1;
    assert_false(pci_config_is_sound(&rig_config));
    rig_config = good;
    rig_config.pci.piece_count = VM_CONFIG_MAX_PCI_PIECES + 1;
    assert_false(pci_config_is_sound(&rig_config));
    rig_config = good;
    rig_config.pci.functions[1].virtual = 0x100;
    assert_false(pci_config_is_sound(&rig_config));
    rig_config = good;
    rig_config.pci.functions[1].config_vaddr = 0;
    assert_false(pci_config_is_sound(&rig_config));
    rig_config.pci.functions[1].kind = VM_CONFIG_PCI_CONSOLE; /* needs none */
    assert_true(pci_config_is_sound(&rig_config));
    rig_config = good;
    rig_config.pci.pieces[4].function = 2;
    assert_false(pci_config_is_sound(&rig_config));
    rig_config = good;
    rig_config.pci.pieces[4].bar = 6;
    assert_false(pci_config_is_sound(&rig_config));
    rig_config = good;
    rig_config.msi.first = 1019;
    assert_false(pci_config_is_sound(&rig_config));
    rig_config = good;
    rig_config.msi.count = ~0u;
    assert_false(pci_config_is_sound(&rig_config));
    rig_config = (struct vm_config){0};
    assert_true(pci_config_is_sound(&rig_config));
    assert_int_equal(pci_max_intid(&rig_config), 0);
    assert_int_equal(pci_max_intid(&good), RIG_FIRST + RIG_VECTORS - 1);
}

/* A frame without functions: the board's host bridge is the guest's as a whole. */
static void a_frame_alone(void **state)
{
    (void)state;
    rig_reset();
    rig_config.pci = (struct vm_config_pci){0};
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(rig_bus.count, 1);
    assert_int_equal(rig_load(RIG_FRAME + 8, 4), RIG_FIRST << 16 | RIG_VECTORS);
    assert_true(vgic_find(&rig_vgic, 0, RIG_FIRST)->edge);
    vgic_reset(&rig_vgic);
    pci_reset_irqs(&rig_pci);
    assert_true(vgic_find(&rig_vgic, 0, RIG_FIRST)->edge);
}

static void overlaps(void **state)
{
    (void)state;
    rig_reset();
    rig_config.pci.pieces[3].ipa = RIG_ECAM;
    vgic_init(&rig_vgic, rig_config.vcpus, 1, 127);
    memset(&rig_bus, 0, sizeof(rig_bus));
    assert_false(pci_create(&rig_pci, &rig_config, &rig_vgic, &rig_bus));
    rig_reset();
    rig_config.pci.functions[1].virtual = rig_config.pci.functions[0].virtual;
    memset(&rig_pci, 0, sizeof(rig_pci));
    memset(&rig_bus, 0, sizeof(rig_bus));
    assert_false(pci_create(&rig_pci, &rig_config, &rig_vgic, &rig_bus));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent),        cmocka_unit_test(another_one),
        cmocka_unit_test(a_bridge),      cmocka_unit_test(bar_sizes),
        cmocka_unit_test(bar_kinds),     cmocka_unit_test(bar_without_a_region),
        cmocka_unit_test(bar_places),    cmocka_unit_test(table_in_the_guest),
        cmocka_unit_test(one_line_each), cmocka_unit_test(configurations),
        cmocka_unit_test(a_frame_alone), cmocka_unit_test(overlaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
