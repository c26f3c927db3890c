/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "vmm/pci/ecam.h"

#define ID      0x56781234u
#define ADDRESS 0x08u /* 00:01.0 */

static struct pci_bridge bridge;
static struct pci_space space;
static struct pci_space second;

static uint64_t transfer(uint64_t offset, unsigned int size, bool is_write, uint64_t value)
{
    struct mmio_access access = {
        .offset = offset, .size = size, .is_write = is_write, .value = value};

    assert_true(pci_ecam_ops.access(&bridge, &access));
    return access.value;
}

static uint64_t read(uint64_t offset, unsigned int size)
{
    return transfer(offset, size, false, 0x5a5a5a5a5a5a5a5a);
}

static void write(uint64_t offset, unsigned int size, uint64_t value)
{
    (void)transfer(offset, size, true, value);
}

static uint64_t at(unsigned int address, unsigned int offset)
{
    return (uint64_t)address << 12 | offset;
}

static const struct pci_row rows[] = {
    {.offset = PCI_COMMAND, .guest = 0x0546},
    {.offset = PCI_HEADER, .guest = 0xff},
};

static void init(void)
{
    pci_bridge_init(&bridge);
    pci_space_init(&space, NULL, NULL, 0);
    pci_space_lay(&space, 0, rows, 2);
    pci_space_set(&space, PCI_ID, ~0u, ID);
    pci_space_init(&second, NULL, NULL, 0);
    assert_true(pci_bridge_add(&bridge, ADDRESS, &space));
}

static void widths_within_a_dword(void **state)
{
    (void)state;
    init();
    assert_int_equal(read(at(ADDRESS, 0), 4), ID);
    assert_int_equal(read(at(ADDRESS, 0), 2), 0x1234);
    assert_int_equal(read(at(ADDRESS, 2), 2), 0x5678);
    assert_int_equal(read(at(ADDRESS, 1), 2), 0x7812);
    for (unsigned int i = 0; i < 4; i++) {
        assert_int_equal(read(at(ADDRESS, i), 1), ID >> 8 * i & 0xff);
    }
    write(at(ADDRESS, PCI_COMMAND), 1, 0xff);
    assert_int_equal(read(at(ADDRESS, PCI_COMMAND), 4), 0x0046);
    write(at(ADDRESS, PCI_COMMAND + 1), 1, 0xff);
    assert_int_equal(read(at(ADDRESS, PCI_COMMAND), 4), 0x0546);
    write(at(ADDRESS, PCI_COMMAND), 2, 0x0002);
    assert_int_equal(read(at(ADDRESS, PCI_COMMAND), 4), 0x0002);
}

static void others_do_nothing(void **state)
{
    (void)state;
    init();
    assert_true(read(at(ADDRESS, 0), 8) == ~0UL);
    assert_int_equal(read(at(ADDRESS, 3), 2), 0xffff);
    assert_int_equal(read(at(ADDRESS, 1), 4), 0xffffffff);
    write(at(ADDRESS, PCI_COMMAND), 8, ~0UL);
    write(at(ADDRESS, PCI_COMMAND - 2), 4, ~0UL);
    write(at(ADDRESS, PCI_COMMAND - 1), 2, ~0UL);
    assert_int_equal(read(at(ADDRESS, PCI_COMMAND), 4), 0);
}

/* A scan of the bus finds what was added and the bridge itself: no phantom functions. */
static void phantom_functions(void **state)
{
    (void)state;
    init();
    for (unsigned int address = 0; address < 0x100; address++) {
        uint64_t id = address == ADDRESS ? ID : address == 0 ? 0x00081b36 : 0xffffffff;

        assert_int_equal(read(at(address, PCI_ID), 4), id);
        assert_int_equal(read(at(address, PCI_ID), 2), id & 0xffff);
        assert_int_equal(read(at(address, PCI_HEADER), 1), id == 0xffffffff ? 0xff : 0);
        if (id == 0xffffffff) {
            write(at(address, PCI_COMMAND), 4, ~0UL);
            assert_int_equal(read(at(address, PCI_COMMAND), 4), 0xffffffff);
            assert_int_equal(read(at(address, PCI_COMMAND + 2), 1), 0xff);
        }
    }
    assert_int_equal(read(at(0, PCI_CLASS), 4), 0x06000000);
    assert_int_equal(read(at(0, PCI_BAR0), 4), 0);
    assert_int_equal(read(at(ADDRESS, PCI_COMMAND), 4), 0);
}

/* The offset has 12 bits: nothing of the extended space is a register of the standard one. */
static void extended_space_aliases(void **state)
{
    (void)state;
    init();
    for (unsigned int offset = PCI_STANDARD_SIZE; offset < PCI_SPACE_SIZE; offset += 4) {
        write(at(ADDRESS, offset), 4, ~0UL);
        assert_int_equal(read(at(ADDRESS, offset), 4), 0);
    }
    assert_int_equal(read(at(ADDRESS, PCI_COMMAND), 4), 0);
    assert_int_equal(read(at(ADDRESS, PCI_HEADER), 4), 0);
}

static void several_functions(void **state)
{
    (void)state;
    init();
    assert_int_equal(read(at(ADDRESS, PCI_HEADER + 2), 1), 0);
    assert_true(pci_bridge_add(&bridge, ADDRESS + 3, &second));
    assert_int_equal(read(at(ADDRESS, PCI_HEADER + 2), 1), 0x80);
    assert_int_equal(read(at(ADDRESS + 3, PCI_HEADER), 4), 0x00800000);
    assert_int_equal(read(at(ADDRESS, PCI_ID), 4), ID);
    write(at(ADDRESS, PCI_HEADER), 4, ~0UL);
    assert_int_equal(read(at(ADDRESS, PCI_HEADER), 4), 0x008000ff);
}

static void addresses_once(void **state)
{
    (void)state;
    init();
    assert_false(pci_bridge_add(&bridge, ADDRESS, &second));
    assert_true(pci_bridge_add(&bridge, 0, &second)); /* the bridge's own gives way */
    assert_int_equal(read(at(0, PCI_ID), 4), 0);
    for (unsigned int i = bridge.count; i < VM_CONFIG_MAX_PCI_FUNCTIONS; i++) {
        assert_true(pci_bridge_add(&bridge, (uint16_t)(0x80 + i), &second));
    }
    assert_false(pci_bridge_add(&bridge, 0xf8, &second));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_within_a_dword), cmocka_unit_test(others_do_nothing),
        cmocka_unit_test(phantom_functions),     cmocka_unit_test(extended_space_aliases),
        cmocka_unit_test(several_functions),     cmocka_unit_test(addresses_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
