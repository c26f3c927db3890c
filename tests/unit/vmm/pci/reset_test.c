/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions reset by the guest, and between two guests. */
#include <stdio.h>

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/pci/rig.h"

#define DISK 1
#define NVME 2

static uint32_t command(unsigned int function)
{
    return rig_config_space(function, PCI_COMMAND) & 0xffff;
}

/* What a guest has after a while. */
static void use(unsigned int device)
{
    rig_write(device, PCI_COMMAND, 2, 0x0006);
    rig_write(device, PCI_INTERRUPT, 1, 17);
    rig_write(device, PCI_BAR0 + 4, 4, ~0u);
    rig_write(device, device == DISK ? RIG_DISK_MSIX + 2 : RIG_NVME_MSIX + 2, 2, 0x8000);
    rig_store(device == DISK ? RIG_DISK_TABLE : RIG_NVME_BAR0 + 0x2000, 8, RIG_DOORBELL);
    rig_store(device == DISK ? RIG_DISK_TABLE + 8 : RIG_NVME_BAR0 + 0x2008, 8, 80);
}

static void expect_new(unsigned int device)
{
    uint64_t table = device == DISK ? RIG_DISK_TABLE : RIG_NVME_BAR0 + 0x2000;

    assert_int_equal(rig_read(device, PCI_COMMAND, 2), 0);
    assert_int_equal(rig_read(device, PCI_INTERRUPT, 1), 0);
    assert_int_equal(rig_read(device, PCI_BAR0 + 4, 4), device == DISK ? RIG_DISK_TABLE : 0);
    rig_write(device, PCI_COMMAND, 2, 0x0002);
    assert_int_equal(rig_load(table, 8), 0);
    assert_int_equal(rig_load(table + 12, 4), 1);
    assert_int_equal(command(device - 1) & 0x0006, 0x0002);
    if (device == DISK) {
        assert_int_equal(rig_config_space(RIG_DISK, PCI_BAR0 + 4), RIG_DISK_TABLE);
        assert_int_equal(rig_bar(RIG_DISK, 1, 12), 1);
    } else {
        assert_int_equal(rig_config_space(RIG_NVME, PCI_BAR0), RIG_NVME_BAR0 | 4);
        assert_int_equal(rig_bar(RIG_NVME, 0, 0x200c), 1);
        assert_int_equal(rig_config_space(RIG_NVME, RIG_NVME_PCIE + 8) & 0xffff, 0x2810);
        assert_int_equal(rig_config_space(RIG_NVME, RIG_NVME_PCIE + 0x28), 5);
    }
}

static void flr_by_the_guest(void **state)
{
    (void)state;
    rig_start();
    use(NVME);
    assert_int_equal(command(RIG_NVME), 0x0406);
    rig_write(NVME, RIG_NVME_PCIE + 8, 2, 0xa810);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 1);
    assert_int_equal(command(RIG_NVME) & 0x0004, 0);
    fake_clock_wait(99);
    assert_int_equal(rig_read(NVME, PCI_ID, 4), 0xffffffff);
    assert_int_equal(rig_load(RIG_NVME_BAR0 + 0x2000, 4), 0xffffffff);
    rig_write(NVME, PCI_COMMAND, 2, 0x0006); /* is lost */
    fake_clock_wait(1);
    assert_int_equal(rig_read(NVME, PCI_ID, 4), 0x00101b36);
    expect_new(NVME);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 1);
    assert_string_equal(fake.console, "");
}

/* It is silent until it answers, and may never. */
static void flr_that_takes_long(void **state)
{
    (void)state;
    rig_start();
    use(NVME);
    fake_pci[RIG_NVME].is_silent_after_flr = true;
    rig_write(NVME, RIG_NVME_PCIE + 8, 2, 0x8000);
    fake_clock_wait(1000);
    assert_int_equal(rig_read(NVME, PCI_ID, 4), 0xffffffff);
    fake_pci[RIG_NVME].is_there = true;
    assert_int_equal(rig_read(NVME, PCI_ID, 4), 0x00101b36);
    expect_new(NVME);
}

/* One that comes back as something else is not there any more. */
static void flr_to_another_function(void **state)
{
    (void)state;
    rig_start();
    use(NVME);
    rig_write(NVME, RIG_NVME_PCIE + 8, 2, 0x8000);
    fake_clock_wait(100);
    fake_pci_add_bar(&fake_pci[RIG_NVME], 0, 0x8000, PCI_BAR_64);
    assert_int_equal(rig_read(NVME, PCI_ID, 4), 0xffffffff);
    assert_int_equal(rig_load(RIG_NVME_BAR0 + 0x2000, 4), 0xffffffff);
    assert_int_equal(command(RIG_NVME) & 0x0006, 0);
    assert_non_null(strstr(fake.console, "[linux] nvme (00:02.0): BAR 0: expected"));
}

static void no_flr_no_reset(void **state)
{
    (void)state;
    rig_reset();
    fake_pci[RIG_NVME].config[(RIG_NVME_PCIE + 4) / 4] &= ~PCIE_DEVICE_FLR;
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    use(NVME);
    rig_write(NVME, RIG_NVME_PCIE + 8, 2, 0xffff);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 0);
    assert_int_equal(rig_read(NVME, RIG_NVME_PCIE + 8, 2), 0x7fff);
    assert_int_equal(rig_read(NVME, PCI_COMMAND, 2), 0x0006);
}

static void power_states(void **state)
{
    (void)state;
    rig_start();
    use(DISK);
    fake_pci[RIG_DISK].bars[4][0x14] = 0xf; /* device status */
    rig_write(DISK, RIG_DISK_POWER + 4, 2, 1);
    assert_int_equal(rig_read(DISK, RIG_DISK_POWER + 4, 2), 0);
    rig_write(DISK, RIG_DISK_POWER + 4, 2, 3);
    assert_int_equal(rig_read(DISK, RIG_DISK_POWER + 4, 2), 3);
    assert_int_equal(command(RIG_DISK), 0x0402); /* asleep: no DMA */
    rig_write(DISK, PCI_COMMAND, 2, 0x0006);
    assert_int_equal(command(RIG_DISK) & 0x0004, 0);
    rig_write(DISK, RIG_DISK_POWER + 4, 2, 2);
    assert_int_equal(rig_read(DISK, RIG_DISK_POWER + 4, 2), 3);
    assert_int_equal(fake_pci[RIG_DISK].bars[4][0x14], 0xf);
    rig_write(DISK, RIG_DISK_POWER + 4, 2, 0);
    assert_int_equal(fake_pci[RIG_DISK].bars[4][0x14], 0);
    expect_new(DISK);
    assert_int_equal(rig_config_space(RIG_DISK, RIG_DISK_POWER + 4), 0); /* all the time */
}

/* With a function-level reset the way through D3hot keeps what is there, and says so. */
static void power_states_without_a_reset(void **state)
{
    (void)state;
    rig_start();
    use(NVME);
    rig_write(NVME, RIG_NVME_POWER + 4, 2, 3);
    assert_int_equal(command(RIG_NVME) & 0x0004, 0);
    rig_write(NVME, RIG_NVME_POWER + 4, 2, 0);
    assert_int_equal(command(RIG_NVME), 0x0406);
    assert_int_equal(rig_read(NVME, PCI_COMMAND, 2), 0x0006);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 0);
}

/* A function that is given back does nothing, and is nobody's. */
static void quarantine_at_halt(void **state)
{
    (void)state;
    rig_start();
    use(DISK);
    use(NVME);
    fake_pci[RIG_DISK].bars[4][0x14] = 0xf;
    pci_halt(&rig_pci);
    assert_int_equal(command(RIG_DISK), 0x0402);
    assert_int_equal(command(RIG_NVME) & 0x0004, 0);
    assert_int_equal(rig_config_space(RIG_DISK, RIG_DISK_MSIX) >> 24, 0x40);
    assert_int_equal(rig_bar(RIG_DISK, 1, 12), 1);
    assert_int_equal(fake_pci[RIG_DISK].bars[4][0x14], 0);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 1);
    assert_int_equal(rig_read(DISK, PCI_ID, 4), 0xffffffff);
    rig_write(DISK, PCI_COMMAND, 2, 0x0006);
    assert_int_equal(command(RIG_DISK), 0x0402);
    assert_true(pci_can_restart(&rig_pci));

    fake_clock_run();
    assert_true(pci_prepare(&rig_pci));
    expect_new(DISK);
    expect_new(NVME);
    assert_string_equal(fake.console, "");
}

static void halt_in_a_reset_of_the_guests(void **state)
{
    (void)state;
    rig_start();
    use(NVME);
    rig_write(NVME, RIG_NVME_PCIE + 8, 2, 0x8000);
    pci_halt(&rig_pci);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 1);
    fake_clock_run();
    assert_true(pci_prepare(&rig_pci));
    expect_new(NVME);
}

static void complete(void)
{
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 0);
    fake_pci[RIG_NVME].config[(RIG_NVME_PCIE + 8) / 4] &= ~PCIE_STATUS_PENDING;
}

/* What the function has asked for comes back first, but not for ever. */
static void pending_transactions(void **state)
{
    (void)state;
    rig_start();
    fake_pci[RIG_NVME].config[(RIG_NVME_PCIE + 8) / 4] |= PCIE_STATUS_PENDING;
    fake_clock.on_look = complete;
    fake_clock.looks = 5;
    pci_halt(&rig_pci);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 1);
    assert_null(fake_clock.on_look);

    rig_start();
    fake_clock_run();
    fake_pci[RIG_NVME].config[(RIG_NVME_PCIE + 8) / 4] |= PCIE_STATUS_PENDING; /* for ever */
    pci_halt(&rig_pci);
    assert_int_equal(fake_pci[RIG_NVME].flr_count, 1);
}

static void halt_before_anything(void **state)
{
    (void)state;
    rig_reset();
    memset(fake_pci[RIG_DISK].write_count, 0, sizeof(fake_pci[RIG_DISK].write_count));
    rig_create();
    pci_halt(&rig_pci);
    for (unsigned int i = 0; i < 1024; i++) {
        assert_int_equal(fake_pci[RIG_DISK].write_count[i], 0);
    }
    assert_true(pci_prepare(&rig_pci));
}

static void never_comes_back(void **state)
{
    (void)state;
    rig_start();
    fake_pci[RIG_NVME].is_silent_after_flr = true;
    pci_halt(&rig_pci);
    fake_clock_run();
    assert_false(pci_prepare(&rig_pci));
    assert_string_equal(fake.console, "[linux] nvme (00:02.0): does not come out of its reset: "
                                      "function-level reset\n");
    fake_pci[RIG_NVME].is_there = true; /* now it does */
    assert_true(pci_prepare(&rig_pci));
    expect_new(NVME);
}

/* The device's own resets, by what it is: registers of BAR 0 are memory, and what the controller
 * does is done as it is written. */
static uint32_t *bar0(struct fake_pci_function *function, unsigned int offset)
{
    return (uint32_t *)(void *)&function->bars[0][offset];
}

static bool is_stuck;

static void nvme_controller(struct fake_pci_function *function, unsigned int bar, uint64_t offset)
{
    if (bar == 0 && offset == 0x14 && !is_stuck) {
        *bar0(function, 0x1c) = *bar0(function, 0x14) & 1; /* ready as it is enabled */
    }
}

static void network_card(struct fake_pci_function *function, unsigned int bar, uint64_t offset)
{
    if (bar == 0 && offset == 0 && !is_stuck && (*bar0(function, 0) & 1u << 26) != 0) {
        assert_int_equal(*bar0(function, 0xd8), ~0u);
        *bar0(function, 0) = 0;
    }
}

static void usb_controller(struct fake_pci_function *function, unsigned int bar, uint64_t offset)
{
    if (bar != 0 || is_stuck || offset != 0x40) {
        return;
    }
    if ((*bar0(function, 0x40) & 2) != 0) {
        assert_int_equal(*bar0(function, 0x44) & 1, 1); /* halted */
        *bar0(function, 0x40) = 0;
    }
    *bar0(function, 0x44) = (*bar0(function, 0x40) & 1) == 0;
}

static const struct own {
    uint32_t id;
    uint32_t class;
    const char *name;
    uint32_t before[4]; /* offset, value; twice */
    void (*device)(struct fake_pci_function *function, unsigned int bar, uint64_t offset);
} owns[] = {
    {0x00101b36, 0x01080202, "NVMe controller", {0x14, 0x460001, 0x1c, 1}, nvme_controller},
    {0x10d38086, 0x02000000, "82574L network card", {0x00, 0x40, 0x10, 0}, network_card},
    {0x000d1b36, 0x0c033001, "xHCI controller", {0x00, 0x01000040, 0x40, 5}, usb_controller},
};

static struct fake_pci_function *start_own(const struct own *own, bool is_mapped)
{
    struct fake_pci_function *nvme = &fake_pci[RIG_NVME];

    is_stuck = false;
    rig_reset();
    nvme->config[(RIG_NVME_PCIE + 4) / 4] &= ~PCIE_DEVICE_FLR;
    nvme->config[PCI_ID / 4] = own->id;
    nvme->config[PCI_CLASS / 4] = own->class;
    rig_config.pci.pieces[2].vaddr = is_mapped ? rig_config.pci.pieces[2].vaddr : 0;
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    *bar0(nvme, own->before[0]) = own->before[1];
    *bar0(nvme, own->before[2]) = own->before[3];
    nvme->on_bar_write = own->device;
    return nvme;
}

static void own_resets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(owns) / sizeof(owns[0]); i++) {
        struct fake_pci_function *nvme = start_own(&owns[i], true);
        unsigned int before = nvme->bar_write_count;

        pci_halt(&rig_pci);
        assert_true(pci_can_restart(&rig_pci));
        assert_true(nvme->bar_write_count > before + 65); /* beside the vectors' masks */
        assert_int_equal(*bar0(nvme, 0x1c) & 1, 0);
        assert_int_equal(*bar0(nvme, 0x40) & 3, 0);
        assert_true(pci_prepare(&rig_pci));
        assert_string_equal(fake.console, "");
    }
}

static void own_resets_that_hang(void **state)
{
    char line[200];

    (void)state;
    for (size_t i = 0; i < sizeof(owns) / sizeof(owns[0]); i++) {
        (void)start_own(&owns[i], true);
        is_stuck = true;
        fake_clock_run();
        pci_halt(&rig_pci);
        assert_false(pci_prepare(&rig_pci));
        snprintf(line, sizeof(line), "[linux] nvme (00:02.0): does not come out of its reset: %s\n",
                 owns[i].name);
        assert_string_equal(fake.console, line);
        is_stuck = false;
        assert_true(pci_prepare(&rig_pci));
    }
}

/* No reset is known, or the VMM does not have what it takes: one guest, and no other. */
static void no_reset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(owns) / sizeof(owns[0]); i++) {
        (void)start_own(&owns[i], false);
        pci_halt(&rig_pci);
        assert_int_equal(command(RIG_NVME) & 0x0004, 0);
        assert_false(pci_can_restart(&rig_pci));
        assert_string_equal(fake.console,
                            "[linux] nvme (00:02.0): no reset is known, so that the guest cannot "
                            "be started again\n");
    }
    rig_reset();
    rig_config.pci.pieces[1].vaddr = 0; /* the disk's common configuration */
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(rig_read(DISK, RIG_DISK_POWER + 4, 2), POWER_NO_SOFT_RESET);
    assert_false(pci_can_restart(&rig_pci));
    for (unsigned int offset = 1; offset < 0x4001; offset *= 2) { /* not where it can be */
        rig_reset();
        fake_pci[RIG_DISK].config[(RIG_DISK_COMMON + 8) / 4] = offset;
        rig_create();
        assert_true(pci_prepare(&rig_pci));
        assert_int_equal(pci_can_restart(&rig_pci), offset % 4 == 0 && offset < 0x4000);
        pci_halt(&rig_pci);
    }
}

static void virtio_that_hangs(void **state)
{
    (void)state;
    rig_start();
    fake_clock_run();
    memset(fake_pci[RIG_DISK].bars[4], 0xff, 0x20);
    fake_pci[RIG_DISK].is_read_only = true;
    pci_halt(&rig_pci);
    assert_false(pci_prepare(&rig_pci));
    fake_pci[RIG_DISK].is_read_only = false;
    assert_non_null(strstr(fake.console, "disk (01:01.0): does not come out of its reset"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flr_by_the_guest),
        cmocka_unit_test(flr_that_takes_long),
        cmocka_unit_test(flr_to_another_function),
        cmocka_unit_test(no_flr_no_reset),
        cmocka_unit_test(power_states),
        cmocka_unit_test(power_states_without_a_reset),
        cmocka_unit_test(quarantine_at_halt),
        cmocka_unit_test(halt_in_a_reset_of_the_guests),
        cmocka_unit_test(pending_transactions),
        cmocka_unit_test(halt_before_anything),
        cmocka_unit_test(never_comes_back),
        cmocka_unit_test(own_resets),
        cmocka_unit_test(own_resets_that_hang),
        cmocka_unit_test(no_reset),
        cmocka_unit_test(virtio_that_hangs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
