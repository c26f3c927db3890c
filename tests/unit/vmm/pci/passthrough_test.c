/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/pci/rig.h"

#define DISK 1 /* devices of the guest's bus */
#define NVME 2

/* What the guest may change by a plain write, and what of that reaches hardware: each register of
 * the two functions, written down apart from the VMM's tables. Everything else is constant. */
struct expected {
    unsigned int device;
    unsigned int offset;
    uint32_t guest;
    uint32_t hardware;
};
static const struct expected registers[] = {
    {DISK, 0x04, 0x0546, 0xf9000404},
    {DISK, 0x0c, 0x00ff, 0},
    {DISK, 0x14, 0xfffff000, 0},
    {DISK, 0x20, 0xffffc000, 0},
    {DISK, 0x24, 0xffffffff, 0},
    {DISK, 0x3c, 0x00ff, 0},
    {DISK, 0x98, 0xc0000000, 0xc0000000},
    {DISK, 0xac, 0x0003, 0},
    {NVME, 0x04, 0x0546, 0xf9000404},
    {NVME, 0x0c, 0x00ff, 0},
    {NVME, 0x10, 0xffffc000, 0},
    {NVME, 0x14, 0xffffffff, 0},
    {NVME, 0x3c, 0x00ff, 0},
    {NVME, 0x40, 0xc0000000, 0xc0000000},
    {NVME, 0x50, 0x00010000, 0x00010000},
    {NVME, 0x54, 0xfffffffc, 0xfffffffc},
    {NVME, 0x58, 0xffffffff, 0xffffffff},
    {NVME, 0x5c, 0x0000ffff, 0x0000ffff},
    {NVME, 0x60, 0x00000001, 0x00000001},
    {NVME, 0x88, 0x00007fff, 0x004f0000},
    {NVME, 0xc4, 0x0003, 0},
};

static const struct expected *find_expected(unsigned int device, unsigned int offset)
{
    static const struct expected none = {0};

    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        if (registers[i].device == device && registers[i].offset == offset) {
            return &registers[i];
        }
    }
    return &none;
}

/* With the beginning of the extended space. */
#define WORDS 72u

static void snapshot(unsigned int device, uint32_t words[WORDS])
{
    for (unsigned int i = 0; i < WORDS; i++) {
        words[i] = (uint32_t)rig_read(device, 4 * i, 4);
    }
}

static bool is_of_msi(unsigned int device, unsigned int offset)
{
    return device == NVME && offset >= RIG_NVME_MSI && offset < RIG_NVME_MSI + 0x18;
}

/* What the other function is, and what is not configuration space. */
static bool is_untouched(unsigned int device)
{
    for (unsigned int i = 0; i < FAKE_PCI_FUNCTIONS; i++) {
        for (unsigned int k = 0; k < 1024; k++) {
            if (fake_pci[i].write_count[k] != 0 && (i != device - 1 || k >= 64)) {
                return false;
            }
        }
        if (fake_pci[i].bar_write_count != 0) {
            return false;
        }
    }
    return true;
}

/* One write: in the guest's view and in hardware nothing changed but what may. */
static void check_write(unsigned int device, unsigned int offset, unsigned int size, uint64_t value)
{
    static uint32_t before[WORDS];
    static uint32_t seen[WORDS];
    static uint32_t now[WORDS];
    const uint32_t *hardware = fake_pci[device - 1].config;
    bool is_within = offset % 4 + size <= 4;
    uint32_t written = is_within ? (uint32_t)(((1UL << size * 8) - 1) << offset % 4 * 8) : 0;

    snapshot(device, seen);
    memcpy(before, hardware, sizeof(before));
    rig_write(device, offset, size, value);
    snapshot(device, now);
    for (unsigned int i = 0; i < WORDS; i++) {
        const struct expected *expected = find_expected(device, 4 * i);
        uint32_t guest = i == offset / 4 ? expected->guest & written : 0;
        uint32_t wanted = (seen[i] & ~guest) | ((uint32_t)(value << offset % 4 * 8) & guest);
        uint32_t changed = hardware[i] ^ before[i];

        if (i == 0xac / 4 || i == 0xc4 / 4) { /* power states 1 and 2 are none */
            wanted = (wanted & POWER_STATE) == 1 || (wanted & POWER_STATE) == 2 ? seen[i] : wanted;
        }
        assert_int_equal(now[i], wanted);
        assert_int_equal(changed & ~expected->hardware, 0);
        assert_true(changed == 0 || i == offset / 4 || i == PCI_COMMAND / 4 ||
                    is_of_msi(device, 4 * i));
    }
}

/* Every offset, width and alignment. */
static void walk(unsigned int device, uint64_t pattern)
{
    rig_start();
    for (unsigned int i = 0; i < FAKE_PCI_FUNCTIONS; i++) {
        memset(fake_pci[i].write_count, 0, sizeof(fake_pci[i].write_count));
        fake_pci[i].bar_write_count = 0;
    }
    for (unsigned int size = 1; size <= 8; size *= 2) {
        for (unsigned int offset = 0; offset + size <= PCI_SPACE_SIZE; offset++) {
            uint64_t value = pattern;

            if (device == NVME && offset <= 0x89 && offset + size > 0x89) {
                value &= ~(0x80UL << (0x89 - offset) * 8); /* a reset: its own test */
            }
            if (offset <= 0xc4 && offset + size > 0xc4) {
                value &= ~0UL << 8; /* the same: D3hot to D0 */
            }
            check_write(device, offset, size, value);
        }
    }
    assert_true(is_untouched(device));
}

static void every_register_of_disk(void **state)
{
    (void)state;
    walk(DISK, ~0UL);
    walk(DISK, 0);
    walk(DISK, 0xa5a5a5a55a5a5a5a);
}

static void every_register_of_nvme(void **state)
{
    (void)state;
    walk(NVME, ~0UL);
    walk(NVME, 0);
    walk(NVME, 0xa5a5a5a55a5a5a5a);
}

static void reads_of_every_width(void **state)
{
    static uint32_t words[WORDS];

    (void)state;
    rig_start();
    for (unsigned int device = DISK; device <= NVME; device++) {
        snapshot(device, words);
        for (unsigned int size = 1; size <= 8; size *= 2) {
            for (unsigned int offset = 0; offset + size <= PCI_SPACE_SIZE; offset++) {
                uint64_t ones = mmio_ones(size);
                uint32_t word = offset < 4 * WORDS ? words[offset / 4] : 0;
                uint64_t expected = word >> offset % 4 * 8 & ones;

                assert_true(rig_read(device, offset, size) ==
                            (offset % 4 + size <= 4 ? expected : ones));
            }
        }
    }
}

static void what_the_guest_finds(void **state)
{
    (void)state;
    rig_start();
    assert_int_equal(rig_read(DISK, PCI_ID, 4), 0x10011af4);
    assert_int_equal(rig_read(DISK, PCI_COMMAND, 4), 0x02b80000);
    assert_int_equal(rig_read(DISK, PCI_BAR0, 4), 0); /* I/O */
    assert_int_equal(rig_read(DISK, PCI_BAR0 + 4, 4), RIG_DISK_TABLE);
    assert_int_equal(rig_read(DISK, PCI_BAR0 + 16, 4), (uint32_t)RIG_DISK_BAR4 | 0xc);
    assert_int_equal(rig_read(DISK, PCI_BAR0 + 20, 4), RIG_DISK_BAR4 >> 32);
    assert_int_equal(rig_read(DISK, PCI_ROM, 4), 0);
    assert_int_equal(rig_read(DISK, PCI_INTERRUPT, 4), 0x0100);
    assert_int_equal(rig_read(NVME, PCI_INTERRUPT, 4), 0); /* no line of its */

    /* common, notify, MSI-X, power; without the window, and what is in the I/O BAR */
    assert_int_equal(rig_read(DISK, PCI_CAPABILITIES, 4), RIG_DISK_COMMON);
    assert_int_equal(rig_read(DISK, RIG_DISK_COMMON, 4), 0x01100009 | RIG_DISK_NOTIFY << 8);
    assert_int_equal(rig_read(DISK, RIG_DISK_NOTIFY, 4), 0x02140009 | RIG_DISK_MSIX << 8);
    assert_int_equal(rig_read(DISK, RIG_DISK_NOTIFY + 8, 4), 0x3000);
    assert_int_equal(rig_read(DISK, RIG_DISK_NOTIFY + 16, 4), 4);
    assert_int_equal(rig_read(DISK, RIG_DISK_MSIX, 4), 0x00020011 | RIG_DISK_POWER << 8);
    assert_int_equal(rig_read(DISK, RIG_DISK_POWER, 4), 0x00230001);
    assert_int_equal(rig_read(DISK, RIG_DISK_POWER + 4, 4), 0); /* its reset is quick */
    assert_int_equal(rig_read(DISK, RIG_DISK_WINDOW, 4), 0);

    assert_int_equal(rig_read(NVME, PCI_CAPABILITIES, 4), RIG_NVME_MSIX);
    assert_int_equal(rig_read(NVME, RIG_NVME_MSIX, 4), 0x00050011 | RIG_NVME_MSI << 8);
    assert_int_equal(rig_read(NVME, RIG_NVME_MSI, 4), 0x01800005 | RIG_NVME_PCIE << 8);
    assert_int_equal(rig_read(NVME, RIG_NVME_PCIE, 4), 0x00920010 | RIG_NVME_POWER << 8);
    assert_int_equal(rig_read(NVME, RIG_NVME_PCIE + 4, 4), 0x10008000);
    assert_int_equal(rig_read(NVME, RIG_NVME_PCIE + 8, 4), 0x00102810);
    assert_int_equal(rig_read(NVME, RIG_NVME_PCIE + 0x10, 4), 0);
    assert_int_equal(rig_read(NVME, RIG_NVME_POWER + 4, 4), POWER_NO_SOFT_RESET);
    assert_int_equal(rig_read(NVME, RIG_NVME_HIDDEN, 4), 0);
    assert_int_equal(rig_read(NVME, 0x100, 4), 0);
}

static void what_hardware_gets(void **state)
{
    (void)state;
    rig_reset();
    fake_pci[RIG_DISK].config[PCI_COMMAND / 4] |= 0x0547; /* as if it was in use */
    fake_pci[RIG_DISK].config[RIG_DISK_MSIX / 4] |= 0x80000000;
    fake_pci[RIG_NVME].config[RIG_NVME_MSI / 4] |= 0x00010000;
    fake_pci[RIG_NVME].config[(RIG_NVME_POWER + 4) / 4] = 3; /* D3hot */
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) & 0xffff, 0x0002);
    assert_int_equal(rig_config_space(RIG_NVME, PCI_COMMAND) & 0xffff, 0x0402);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_BAR0) & ~3u, 0);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_BAR0 + 4), RIG_DISK_TABLE);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_BAR0 + 16), (uint32_t)RIG_DISK_BAR4 | 0xc);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_BAR0 + 20), RIG_DISK_BAR4 >> 32);
    assert_int_equal(rig_config_space(RIG_NVME, PCI_BAR0), RIG_NVME_BAR0 | 4);
    assert_int_equal(rig_config_space(RIG_DISK, RIG_DISK_MSIX) >> 24, 0x40);
    assert_int_equal(rig_config_space(RIG_NVME, RIG_NVME_MSIX) >> 24, 0x40);
    assert_int_equal(rig_config_space(RIG_NVME, RIG_NVME_MSI) & 0x10000, 0);
    assert_int_equal(rig_config_space(RIG_NVME, RIG_NVME_POWER + 4) & 3, 0);
    for (unsigned int i = 0; i < 65; i++) {
        assert_int_equal(rig_bar(RIG_NVME, 0, 0x2000 + 16 * i + 12), 1);
    }
}

static uint32_t command(unsigned int function)
{
    return rig_config_space(function, PCI_COMMAND) & 0xffff;
}

/* Memory stays on in hardware; the other bits are the guest's alone; status bits that are up are
 * not cleared by what is written to the command register. */
static void command_register_mediated(void **state)
{
    (void)state;
    rig_start();
    fake_pci[RIG_DISK].config[PCI_COMMAND / 4] |= 0xf9000000;
    for (uint32_t value = 0; value <= 0xffff; value += value < 0x800 ? 1 : 0x7ff) {
        rig_write(DISK, PCI_COMMAND, 2, value);
        assert_int_equal(rig_read(DISK, PCI_COMMAND, 2), value & 0x0546);
        assert_int_equal(command(RIG_DISK), 0x0002 | (value & 0x0404));
        rig_write(NVME, PCI_COMMAND, 2, value);
        assert_int_equal(command(RIG_NVME), 0x0402 | (value & 0x0004)); /* no line */
        assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) >> 24, 0xfb);
    }
    rig_write(DISK, PCI_COMMAND + 3, 1, 0x80);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) >> 24, 0x7b);
    rig_write(DISK, PCI_COMMAND, 4, 0x40000006);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) >> 24, 0x3b);
    assert_int_equal(command(RIG_DISK), 0x0006);
}

static uint64_t size_of_bar(unsigned int offset)
{
    uint64_t mask;

    rig_write(DISK, offset, 4, ~0u);
    rig_write(DISK, offset + 4, 4, ~0u);
    mask = rig_read(DISK, offset, 4) & ~0xfUL;
    return -(mask | rig_read(DISK, offset + 4, 4) << 32);
}

/* 64-bit BARs by halves, sized twice, and their addresses not cut to 32 bits. */
static void bars_never_move(void **state)
{
    (void)state;
    rig_start();
    memset(fake_pci[RIG_DISK].write_count, 0, sizeof(fake_pci[RIG_DISK].write_count));
    for (unsigned int i = 0; i < 2; i++) {
        assert_true(size_of_bar(PCI_BAR0 + 16) == 0x4000);
        rig_write(DISK, PCI_BAR0 + 16, 4, (uint32_t)RIG_DISK_BAR4);
        rig_write(DISK, PCI_BAR0 + 20, 4, RIG_DISK_BAR4 >> 32);
        assert_int_equal(rig_read(DISK, PCI_BAR0 + 16, 4), (uint32_t)RIG_DISK_BAR4 | 0xc);
        assert_int_equal(rig_read(DISK, PCI_BAR0 + 20, 4), RIG_DISK_BAR4 >> 32);
        rig_write(DISK, PCI_BAR0 + 4, 4, ~0u);
        assert_int_equal(rig_read(DISK, PCI_BAR0 + 4, 4), 0xfffff000);
    }
    for (unsigned int i = PCI_BAR0 / 4; i < PCI_SUBSYSTEM / 4; i++) {
        assert_int_equal(fake_pci[RIG_DISK].write_count[i], 0);
    }
}

/* The table is where the description has it, wherever the guest says that its BARs are. */
static void table_from_bars_the_guest_wrote(void **state)
{
    (void)state;
    rig_start();
    rig_write(DISK, PCI_COMMAND, 2, 0x0006);
    rig_write(DISK, PCI_BAR0 + 4, 4, 0x20000000);
    rig_write(NVME, PCI_BAR0, 4, (uint32_t)RIG_DISK_TABLE);
    rig_store(RIG_DISK_TABLE, 4, 0x11223340);
    assert_int_equal(rig_load(RIG_DISK_TABLE, 4), 0x11223340);
    assert_int_equal(rig_bar(RIG_DISK, 1, 0), 0);
    assert_null(mmio_bus_find(&rig_bus, 0x20000000, 4));
    assert_null(mmio_bus_find(&rig_bus, RIG_NVME_BAR0, 4)); /* mapped for the guest */
}

/* Chains of a function that is broken: in a circle, out of the space, a capability twice, or at the
 * end of the space. Nothing is read or written beyond, and the guest gets what is whole. */
static void broken_chains(void **state)
{
    struct fake_pci_function *disk = &fake_pci[RIG_DISK];

    (void)state;
    rig_reset();
    disk->config[RIG_DISK_POWER / 4] |= RIG_DISK_COMMON << 8; /* a circle */
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(rig_read(DISK, RIG_DISK_POWER, 4), 0x00230001);

    for (unsigned int at = 0; at < 0x100; at += 4) {
        for (unsigned int id = 0; id < 0x20; id++) {
            rig_reset();
            disk->config[RIG_DISK_POWER / 4] |= at << 8;
            if (at >= PCI_FIRST_CAPABILITY && disk->config[at / 4] == 0) {
                disk->config[at / 4] = 0xffff0000 | 0x100 | id;
            }
            rig_create();
            assert_true(pci_prepare(&rig_pci) || id == PCI_CAPABILITY_MSIX);
            (void)rig_read(DISK, at, 4);
            rig_write(DISK, at, 4, ~0u);
        }
    }
}

/* Only the first one is there: the VMM knows one of each. */
static void a_capability_twice(void **state)
{
    (void)state;
    rig_reset();
    fake_pci_add_msi(&fake_pci[RIG_NVME], 0xd0, false, false);
    fake_pci_add_power(&fake_pci[RIG_NVME], 0xe0);
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(rig_read(NVME, RIG_NVME_POWER + 1, 1), 0); /* the last one */
    for (unsigned int offset = 0xd0; offset < 0x100; offset += 4) {
        rig_write(NVME, offset, 4, ~0u);
        assert_int_equal(rig_read(NVME, offset, 4), 0);
    }
    assert_int_equal(rig_config_space(RIG_NVME, 0xd0) & MSI_ENABLE, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_register_of_disk), cmocka_unit_test(every_register_of_nvme),
        cmocka_unit_test(reads_of_every_width),   cmocka_unit_test(what_the_guest_finds),
        cmocka_unit_test(what_hardware_gets),     cmocka_unit_test(command_register_mediated),
        cmocka_unit_test(bars_never_move),        cmocka_unit_test(table_from_bars_the_guest_wrote),
        cmocka_unit_test(broken_chains),          cmocka_unit_test(a_capability_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
