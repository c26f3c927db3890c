/* SPDX-License-Identifier: BSD-2-Clause */
/* MSI and MSI-X of passed-through functions, and the rest of the pieces that are trapped. */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/pci/rig.h"

#define DISK       1
#define NVME       2
#define NVME_TABLE (RIG_NVME_BAR0 + 0x2000)
#define NVME_PBA   (RIG_NVME_BAR0 + 0x2800)
#define MASKED     1u

static uint32_t entry_word(unsigned int entry, unsigned int word)
{
    return rig_bar(RIG_NVME, 0, 0x2000 + 16 * entry + 4 * word);
}

static void start(void)
{
    rig_start();
    rig_write(DISK, PCI_COMMAND, 2, 0x0006);
    rig_write(NVME, PCI_COMMAND, 2, 0x0006);
    rig_write(NVME, RIG_NVME_MSIX + 2, 2, 0x8000);
}

static void set_entry(unsigned int entry, uint64_t address, uint32_t data, uint32_t control)
{
    rig_store(NVME_TABLE + 16 * entry + 12, 4, MASKED);
    rig_store(NVME_TABLE + 16 * entry, 4, (uint32_t)address);
    rig_store(NVME_TABLE + 16 * entry + 4, 4, address >> 32);
    rig_store(NVME_TABLE + 16 * entry + 8, 4, data);
    rig_store(NVME_TABLE + 16 * entry + 12, 4, control);
}

static void expect_live(unsigned int entry, uint32_t intid)
{
    assert_int_equal(entry_word(entry, 0), (uint32_t)RIG_REAL_DOORBELL);
    assert_int_equal(entry_word(entry, 1), RIG_REAL_DOORBELL >> 32);
    assert_int_equal(entry_word(entry, 2), intid);
    assert_int_equal(entry_word(entry, 3), 0);
}

static void vectors(void **state)
{
    (void)state;
    start();
    set_entry(0, RIG_DOORBELL, 82, 0);
    set_entry(5, RIG_DOORBELL, 80, 0);
    expect_live(0, 82);
    expect_live(5, 80);
    assert_int_equal(rig_load(NVME_TABLE, 8), RIG_DOORBELL); /* the guest's own */
    assert_int_equal(rig_load(NVME_TABLE + 8, 8), 82);
    for (unsigned int i = 0; i < 65; i++) {
        assert_int_equal(entry_word(i, 3), i == 0 || i == 5 ? 0 : MASKED);
    }
    set_entry(0, RIG_DOORBELL, 84, 0);
    expect_live(0, 84);
    rig_store(NVME_TABLE + 8, 4, 81); /* unmasked, as a guest should not */
    expect_live(0, 81);
    rig_store(NVME_TABLE, 8, 0);
    assert_int_equal(entry_word(0, 3), MASKED);
}

/* What an entry says that is not the guest's to say stays masked in hardware, and never gets there.
 */
static void invalid_choices_stay_masked(void **state)
{
    static const struct {
        uint64_t address;
        uint32_t data;
    } bad[] = {
        {RIG_DOORBELL, 79},
        {RIG_DOORBELL, 86},
        {RIG_DOORBELL, 85}, /* of the frame, and no passed-through interrupt */
        {RIG_DOORBELL, 0x10050},
        {RIG_REAL_DOORBELL, 80},
        {RIG_DOORBELL | 1UL << 40, 80},
        {0x40000000, 80},
        {0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        start();
        set_entry(1, RIG_DOORBELL, 80, 0);
        set_entry(1, bad[i].address, bad[i].data, 0);
        assert_int_equal(entry_word(1, 3), MASKED);
        assert_int_equal(entry_word(1, 2), 80);
        assert_int_equal(rig_load(NVME_TABLE + 16 + 12, 4), 0); /* as the guest has it */
    }
    rig_config.msi.doorbell = 0; /* nothing is passed through */
    set_entry(1, RIG_DOORBELL, 80, 0);
    assert_int_equal(entry_word(1, 3), MASKED);
}

static void mask_bits(void **state)
{
    (void)state;
    start();
    set_entry(2, RIG_DOORBELL, 83, MASKED);
    assert_int_equal(entry_word(2, 3), MASKED);
    rig_store(NVME_TABLE + 32 + 8, 8, 83); /* with the data: unmasked */
    expect_live(2, 83);
    rig_store(NVME_TABLE + 32 + 12, 4, 0xfffffffe); /* reserved bits */
    assert_int_equal(rig_load(NVME_TABLE + 32 + 12, 4), 0);
    expect_live(2, 83);
    rig_store(NVME_TABLE + 32 + 12, 4, ~0u);
    assert_int_equal(entry_word(2, 3), MASKED);

    rig_write(NVME, RIG_NVME_MSIX + 2, 2, 0xc000);
    assert_int_equal(rig_config_space(RIG_NVME, RIG_NVME_MSIX) >> 16, 0xc040);
    rig_write(NVME, RIG_NVME_MSIX + 3, 1, 0x80);
    assert_int_equal(rig_config_space(RIG_NVME, RIG_NVME_MSIX) >> 16, 0x8040);
    rig_write(NVME, RIG_NVME_MSIX, 4, 0);
    assert_int_equal(rig_config_space(RIG_NVME, RIG_NVME_MSIX) >> 16, 0x0040);
}

static void check_masked(struct fake_pci_function *function, unsigned int bar, uint64_t offset)
{
    static uint32_t live[3];
    uint32_t words[4];

    if (bar != 0 || offset < 0x2000 || offset >= 0x2010) {
        return;
    }
    memcpy(words, &function->bars[0][0x2000], sizeof(words));
    assert_true(words[3] == MASKED || offset == 0x200c || memcmp(words, live, 12) == 0);
    memcpy(live, words, sizeof(live));
}

/* While address and data change, the physical entry is masked. */
static void written_while_masked(void **state)
{
    (void)state;
    start();
    fake_pci[RIG_NVME].on_bar_write = check_masked;
    for (unsigned int i = 0; i < 5; i++) {
        rig_store(NVME_TABLE, 8, RIG_DOORBELL);
        rig_store(NVME_TABLE + 8, 8, RIG_FIRST + i);
        expect_live(0, RIG_FIRST + i);
    }
}

/* A table may begin anywhere in the piece, and the guest sees as many entries as it has vectors. */
static void size_shown(void **state)
{
    (void)state;
    start();
    assert_int_equal(rig_read(NVME, RIG_NVME_MSIX + 2, 2) & 0x7ff, RIG_VECTORS - 1);
    assert_int_equal(rig_read(DISK, RIG_DISK_MSIX + 2, 2) & 0x7ff, 2);
    for (unsigned int i = RIG_VECTORS; i < 65; i++) {
        set_entry(i, RIG_DOORBELL, 80, 0);
        assert_int_equal(entry_word(i, 3), MASKED);
        assert_int_equal(rig_load(NVME_TABLE + 16 * i, 4), 0);
    }
    rig_config.msi.count = 0; /* no vectors: no MSI-X, and the table may be anywhere */
    rig_config.pci.pieces[3].flags = VM_CONFIG_PCI_IN_GUEST;
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(rig_read(NVME, PCI_CAPABILITIES, 1), RIG_NVME_PCIE);
    assert_int_equal(rig_read(NVME, RIG_NVME_MSIX, 4), 0);
}

/* Table and PBA share their page with other registers here. */
static void rest_is_forwarded(void **state)
{
    struct fake_pci_function *nvme = &fake_pci[RIG_NVME];
    uint64_t value = 0;

    (void)state;
    start();
    for (unsigned int size = 1; size <= 8; size *= 2) {
        uint64_t pattern = 0x1122334455667788 & mmio_ones(size);
        unsigned int before = nvme->bar_write_count;

        rig_store(RIG_NVME_BAR0 + 0x2ff8, size, pattern);
        assert_true(rig_load(RIG_NVME_BAR0 + 0x2ff8, size) == pattern);
        assert_memory_equal(&nvme->bars[0][0x2ff8], &pattern, size);
        assert_int_equal(nvme->bar_write_count, before + 1);
        assert_true(size == 1 || !rig_access(RIG_NVME_BAR0 + 0x2ff0 + size / 2, size, false,
                                             &value)); /* a bus error, not the VMM's fault */
    }
    nvme->bars[0][0x2800] = 0x21;
    assert_int_equal(rig_load(NVME_PBA, 8), 0x21);
    /* Right behind the table, of 65 entries. */
    rig_store(NVME_TABLE + 65 * 16, 4, 0xabcdef01);
    assert_int_equal(rig_bar(RIG_NVME, 0, 0x2000 + 65 * 16), 0xabcdef01);
}

static void nobody_answers(void **state)
{
    (void)state;
    start();
    rig_write(NVME, PCI_COMMAND, 2, 0x0004); /* memory is off */
    set_entry(0, RIG_DOORBELL, 80, 0);
    assert_int_equal(entry_word(0, 3), MASKED);
    assert_int_equal(rig_load(NVME_TABLE, 4), 0xffffffff);
    assert_true(rig_load(RIG_NVME_BAR0 + 0x2ff8, 8) == ~0UL);
    rig_write(NVME, PCI_COMMAND, 2, 0x0006);
    assert_int_equal(rig_load(NVME_TABLE, 4), 0);
}

/* Nothing is behind a BAR that is smaller than its page. */
static void small_bars(void **state)
{
    (void)state;
    rig_reset();
    fake_pci_add_bar(&fake_pci[RIG_DISK], 1, 0x100, 0);
    fake_pci[RIG_DISK].config[(RIG_DISK_MSIX + 8) / 4] = 0x80 | 1;
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(rig_config_space(RIG_DISK, PCI_BAR0 + 4), RIG_DISK_TABLE);
    rig_write(DISK, PCI_COMMAND, 2, 0x0006);
    rig_write(DISK, PCI_BAR0 + 4, 4, ~0u);
    assert_int_equal(rig_read(DISK, PCI_BAR0 + 4, 4), 0xffffff00);
    for (unsigned int offset = 0x100; offset < 0x1000; offset += 8) {
        rig_store(RIG_DISK_TABLE + offset, 8, 0);
        assert_true(rig_load(RIG_DISK_TABLE + offset, 8) == ~0UL);
    }
    rig_store(RIG_DISK_TABLE + 0xf8, 8, 5);
    assert_int_equal(rig_bar(RIG_DISK, 1, 0xf8), 5);
    assert_true(rig_load(RIG_DISK_TABLE + 0xfc, 8) == ~0UL);
}

static uint32_t msi_word(unsigned int offset)
{
    return rig_config_space(RIG_NVME, RIG_NVME_MSI + offset);
}

static void write_msi(unsigned int offset, unsigned int size, uint32_t value)
{
    rig_write(NVME, RIG_NVME_MSI + offset, size, value);
}

static void expect_msi(bool is_on, uint32_t data)
{
    assert_int_equal((msi_word(0) & MSI_ENABLE) != 0, is_on);
    if (is_on) {
        assert_int_equal(msi_word(4), (uint32_t)RIG_REAL_DOORBELL);
        assert_int_equal(msi_word(8), RIG_REAL_DOORBELL >> 32);
        assert_int_equal(msi_word(12), data);
    }
}

static void msi(void **state)
{
    (void)state;
    start();
    write_msi(4, 4, RIG_DOORBELL);
    write_msi(12, 2, 81);
    expect_msi(false, 0);
    write_msi(2, 2, 0x0071); /* on, and more vectors than there are */
    expect_msi(true, 81);
    assert_int_equal(msi_word(0) >> 16, 0x0187);
    assert_int_equal(rig_read(NVME, RIG_NVME_MSI + 2, 2), 0x0181);
    write_msi(12, 2, 79);
    expect_msi(false, 0);
    assert_int_equal(rig_read(NVME, RIG_NVME_MSI + 2, 2), 0x0181); /* as the guest has it */
    write_msi(12, 2, 85);
    expect_msi(false, 0);
    write_msi(12, 2, 84);
    expect_msi(true, 84);
    write_msi(8, 4, 1);
    expect_msi(false, 0);
    write_msi(8, 4, 0);
    expect_msi(true, 84);
    write_msi(2, 2, 0);
    expect_msi(false, 0);
}

/* Fields by bytes, by halves, and with what is beside them. */
static void msi_fields_across_registers(void **state)
{
    (void)state;
    start();
    for (unsigned int i = 0; i < 4; i++) {
        write_msi(4 + i, 1, (uint32_t)RIG_DOORBELL >> 8 * i & 0xff);
    }
    write_msi(12, 4, 0xffff0000 | 82); /* data, and what is reserved */
    assert_int_equal(rig_read(NVME, RIG_NVME_MSI + 12, 4), 82);
    write_msi(0, 4, 0xffffffff); /* id and next with control */
    assert_int_equal(rig_read(NVME, RIG_NVME_MSI, 4), 0x01810005 | RIG_NVME_PCIE << 8);
    expect_msi(true, 82);
    write_msi(2, 4, 0); /* across dwords: nothing */
    rig_write(NVME, RIG_NVME_MSI + 8, 8, ~0UL);
    write_msi(11, 2, 0xffff);
    expect_msi(true, 82);
    assert_int_equal(rig_read(NVME, RIG_NVME_MSI + 8, 4), 0);
    write_msi(13, 1, 0x01); /* the data's upper byte: no INTID */
    expect_msi(false, 0);
    write_msi(13, 1, 0x00);
    expect_msi(true, 82);
}

static void msi_mask_bit(void **state)
{
    (void)state;
    start();
    write_msi(4, 4, RIG_DOORBELL);
    write_msi(12, 2, 81);
    write_msi(16, 4, ~0u);
    assert_int_equal(msi_word(16), 1);
    write_msi(2, 2, 1);
    expect_msi(true, 81);
    assert_int_equal(msi_word(16), 1);
    fake_pci[RIG_NVME].config[(RIG_NVME_MSI + 20) / 4] = 1;
    assert_int_equal(rig_read(NVME, RIG_NVME_MSI + 20, 4), 1); /* pending */
    write_msi(16, 1, 0);
    assert_int_equal(msi_word(16), 0);
    expect_msi(true, 81);
}

/* The line is quiet while there are messages, whatever the guest says. */
static void no_line_beside_messages(void **state)
{
    (void)state;
    start();
    assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) & 0xffff, 0x0006);
    rig_write(DISK, RIG_DISK_MSIX + 2, 2, 0x8000);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) & 0xffff, 0x0406);
    rig_write(DISK, PCI_COMMAND, 2, 0x0006);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) & 0xffff, 0x0406);
    rig_write(DISK, RIG_DISK_MSIX + 2, 2, 0);
    assert_int_equal(rig_config_space(RIG_DISK, PCI_COMMAND) & 0xffff, 0x0006);
}

/* The capability's other shapes: 32 bits, not maskable. */
static void msi_shapes(void **state)
{
    (void)state;
    for (unsigned int shape = 0; shape < 4; shape++) {
        bool is_64 = (shape & 1) != 0;
        unsigned int data = 0xd8 + (is_64 ? 12 : 8);

        rig_reset();
        rig_config.msi.doorbell = 0x8020040;
        fake_pci_add_msi(&fake_pci[RIG_DISK], 0xd8, is_64, (shape & 2) != 0);
        rig_create();
        assert_true(pci_prepare(&rig_pci));
        rig_write(DISK, 0xdc, 4, RIG_DOORBELL);
        rig_write(DISK, data, 4, ~0u);
        rig_write(DISK, data + 4, 4, ~0u);
        rig_write(DISK, data, 2, 80);
        rig_write(DISK, 0xda, 2, 1);
        assert_int_equal(rig_config_space(RIG_DISK, 0xdc), 0x8020040);
        assert_int_equal(rig_config_space(RIG_DISK, data), 80);
        assert_int_equal(rig_config_space(RIG_DISK, data + 4), (shape & 2) != 0);
        assert_int_equal(rig_read(DISK, data + 4, 4), (shape & 2) != 0);
        assert_int_not_equal(rig_config_space(RIG_DISK, 0xd8) & MSI_ENABLE, 0);
        rig_config.msi.doorbell = RIG_REAL_DOORBELL; /* more than 32 bits */
        assert_true(pci_prepare(&rig_pci));
        assert_int_equal(rig_read(DISK, 0xd8, 1), is_64 ? PCI_CAPABILITY_MSI : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(invalid_choices_stay_masked),
        cmocka_unit_test(mask_bits),
        cmocka_unit_test(written_while_masked),
        cmocka_unit_test(size_shown),
        cmocka_unit_test(rest_is_forwarded),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(small_bars),
        cmocka_unit_test(msi),
        cmocka_unit_test(msi_fields_across_registers),
        cmocka_unit_test(msi_mask_bit),
        cmocka_unit_test(no_line_beside_messages),
        cmocka_unit_test(msi_shapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
