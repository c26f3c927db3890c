/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/pci/msix.h"
#include "vmm/pci/v2m.h"

#define FRAME    0x8020000UL
#define DOORBELL 0x8020040UL
#define VCPU     3
#define COUNT    3

static const struct vm_config_vcpu vcpu = {.id = VCPU};
static const struct vm_config_msi frame = {.ipa = FRAME, .first = 80, .count = 4};
static struct pci_msix msix;
static struct vgic vgic;

static void init(void)
{
    fake_reset();
    vgic_init(&vgic, &vcpu, 1, 83);
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    for (unsigned int i = 80; i < 84; i++) {
        vgic_set_enabled(&vgic, vgic_find(&vgic, 0, i), true);
    }
    pci_msix_init(&msix, &frame, COUNT);
}

static int transfer(uint64_t offset, unsigned int size, bool is_write, uint64_t *value)
{
    struct mmio_access access = {.size = size, .is_write = is_write, .value = *value};
    int entry = pci_msix_access(&msix, offset, &access);

    *value = access.value;
    return entry;
}

static int write(uint64_t offset, unsigned int size, uint64_t value)
{
    return transfer(offset, size, true, &value);
}

static uint64_t read(uint64_t offset, unsigned int size)
{
    uint64_t value = 0x5a5a5a5a5a5a5a5a;

    assert_int_equal(transfer(offset, size, false, &value), -1);
    return value;
}

static void set_entry(unsigned int entry, uint64_t address, uint32_t data, uint32_t control)
{
    assert_int_equal(write(16 * entry, 8, address), entry);
    assert_int_equal(write(16 * entry + 8, 8, (uint64_t)control << 32 | data), entry);
}

static void fields(void **state)
{
    (void)state;
    init();
    for (unsigned int i = 0; i < COUNT; i++) {
        assert_int_equal(read(16 * i, 8), 0);
        assert_true(read(16 * i + 8, 8) == 0x100000000UL); /* masked */
        assert_true(pci_msix_is_masked(&msix, i));
    }
    assert_int_equal(write(16, 4, 0xffffffff), 1);
    assert_int_equal(write(20, 4, 0x12345678), 1);
    assert_int_equal(write(24, 4, 0x9abcdef0), 1);
    assert_int_equal(write(28, 4, 0xfffffffe), 1);
    assert_true(read(16, 8) == 0x12345678fffffffc);
    assert_true(read(24, 8) == 0x9abcdef0);
    assert_int_equal(read(20, 4), 0x12345678);
    assert_false(pci_msix_is_masked(&msix, 1));
    assert_true(pci_msix_is_masked(&msix, 0) && pci_msix_is_masked(&msix, 2));
}

/* Two fields in one access, and one field in two, are what they are one by one. */
static void fields_across_registers(void **state)
{
    (void)state;
    init();
    set_entry(2, 0xfedcba9876543210, 81, 0);
    assert_int_equal(read(32, 4), 0x76543210);
    assert_int_equal(read(36, 4), 0xfedcba98);
    assert_int_equal(write(36, 4, 0), 2);
    assert_int_equal(write(32, 4, (uint32_t)DOORBELL), 2);
    assert_int_equal(pci_msix_choice(&msix, 2), 81);
    assert_int_equal(write(40, 8, 0x100000052), 2); /* data 82, masked */
    assert_int_equal(pci_msix_choice(&msix, 2), 82);
    assert_true(pci_msix_is_masked(&msix, 2));
    /* Across entries, and across words without being aligned: nothing. */
    assert_int_equal(write(44, 8, ~0UL), -1);
    assert_int_equal(write(12, 8, ~0UL), -1);
    assert_int_equal(write(4, 8, ~0UL), -1);
    assert_true(read(4, 8) == ~0UL);
    for (unsigned int offset = 0; offset < 48; offset++) {
        assert_int_equal(write(offset, 1, 0xff), -1);
        assert_int_equal(write(offset, 2, 0xffff), -1);
        assert_int_equal(read(offset, 1), 0xff);
        assert_int_equal(read(offset, 2), 0xffff);
    }
    assert_int_equal(pci_msix_choice(&msix, 2), 82);
    assert_int_equal(read(0, 8), 0);
}

static void beyond_what_is_shown(void **state)
{
    (void)state;
    init();
    for (uint64_t offset = 16 * COUNT; offset < 0x8000; offset += 4) {
        assert_int_equal(write(offset, 4, 0), -1);
        assert_int_equal(read(offset, 4), 0);
    }
    assert_int_equal(read(16 * COUNT, 8), 0);
    assert_int_equal(write(~0UL - 15, 8, 0), -1);
}

static void choices(void **state)
{
    static const struct {
        uint64_t address;
        uint32_t data;
    } bad[] = {
        {DOORBELL, 79},
        {DOORBELL, 84},
        {DOORBELL, 0},
        {DOORBELL, 0x10050},
        {DOORBELL, ~0u},
        {DOORBELL + 4, 80},
        {DOORBELL - 4, 80},
        {FRAME, 80},
        {DOORBELL | 1UL << 32, 80},
        {DOORBELL | 1UL << 63, 80},
        {0, 80},
        {~0UL, 80},
    };
    const struct vm_config_msi none = {.ipa = FRAME};

    (void)state;
    for (unsigned int i = 80; i < 84; i++) {
        assert_int_equal(pci_msi_choice(&frame, DOORBELL, i), i);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(pci_msi_choice(&frame, bad[i].address, bad[i].data), PCI_MSI_NONE);
    }
    assert_int_equal(pci_msi_choice(&none, DOORBELL, 0), PCI_MSI_NONE);
}

static bool is_pending(unsigned int intid)
{
    int list = fake_find(VCPU, intid);

    if (list >= 0) {
        assert_int_equal(fake_take(VCPU), list);
        fake_end(VCPU, (unsigned int)list);
        assert_true(vgic_end(&vgic, 0, (unsigned int)list));
    }
    return list >= 0;
}

static void mask_bits(void **state)
{
    (void)state;
    init();
    set_entry(0, DOORBELL, 80, 0);
    set_entry(1, DOORBELL, 83, 1);
    pci_msix_raise(&msix, &vgic, 0); /* MSI-X is off */
    assert_false(is_pending(80));
    msix.control = MSIX_ENABLE;
    pci_msix_update(&msix, &vgic);
    assert_false(is_pending(80));
    pci_msix_raise(&msix, &vgic, 0);
    assert_true(is_pending(80));

    pci_msix_raise(&msix, &vgic, 1);
    pci_msix_raise(&msix, &vgic, 1);
    assert_false(is_pending(83));
    assert_int_equal(msix.pending, 2);
    assert_int_equal(write(28, 4, 0), 1);
    pci_msix_update(&msix, &vgic);
    assert_true(is_pending(83));
    assert_int_equal(msix.pending, 0);

    msix.control = MSIX_ENABLE | MSIX_MASK_ALL;
    pci_msix_raise(&msix, &vgic, 0);
    pci_msix_raise(&msix, &vgic, 1);
    assert_false(is_pending(80) || is_pending(83));
    assert_int_equal(msix.pending, 3);
    msix.control = MSIX_ENABLE;
    pci_msix_update(&msix, &vgic);
    assert_true(is_pending(80));
    assert_true(is_pending(83));
    assert_int_equal(fake.inject_count, 4);
}

/* A vector that means nothing is lost, as a write to nowhere is. */
static void bad_choices_raise_nothing(void **state)
{
    (void)state;
    init();
    msix.control = MSIX_ENABLE;
    set_entry(0, DOORBELL + 0x1000, 80, 0);
    set_entry(1, DOORBELL, 27, 0);
    for (unsigned int i = 0; i < COUNT + 2; i++) {
        pci_msix_raise(&msix, &vgic, i);
    }
    pci_msix_raise(&msix, &vgic, ~0u);
    assert_int_equal(fake.inject_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields),    cmocka_unit_test(fields_across_registers),
        cmocka_unit_test(choices),   cmocka_unit_test(beyond_what_is_shown),
        cmocka_unit_test(mask_bits), cmocka_unit_test(bad_choices_raise_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
