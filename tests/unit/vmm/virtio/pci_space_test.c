/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration space of a virtio-pci function, and its MSI-X table. */
#include "tests/unit/vmm/virtio/pci_rig.h"

static void header(void **state)
{
    (void)state;
    assert_int_equal(config(PCI_ID), 0x10431af4);
    assert_int_equal(config(PCI_COMMAND), 0x00100000);
    assert_int_equal(config(PCI_CLASS), 0x07800001);
    assert_int_equal(config(PCI_HEADER), 0);
    assert_int_equal(config(PCI_SUBSYSTEM), 0x10431af4);
    assert_int_equal(config(PCI_ROM), 0);
    assert_int_equal(config(PCI_INTERRUPT), 0x100);
    for (unsigned int offset = 0; offset < PCI_SPACE_SIZE; offset += 4) {
        if (offset != PCI_COMMAND && offset != window_at + 16) {
            uint32_t before = config(offset);

            write_config(offset, 0xffffffff, 0xffffffff);
            write_config(offset, before, 0xffffffff);
            assert_int_equal(config(offset), before);
        }
    }
    write_config(PCI_ID, 0, 0xffffffff);
    write_config(PCI_CLASS, 0, 0xffffffff);
    write_config(PCI_CAPABILITIES, 0, 0xffffffff);
    assert_int_equal(config(PCI_ID), 0x10431af4);
    assert_int_equal(config(PCI_CLASS), 0x07800001);
    assert_int_not_equal(config(PCI_CAPABILITIES), 0);
    set_command(0xffff);
    assert_int_equal(config(PCI_COMMAND), 0x00100406);
    write_config(PCI_INTERRUPT, 0xffffff2a, 0xffffffff);
    assert_int_equal(config(PCI_INTERRUPT), 0x12a);
}

static void bars_answer_sizing(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 2; i++) { /* twice */
        assert_int_equal(config(PCI_BAR0), BAR0);
        write_config(PCI_BAR0, 0xffffffff, 0xffffffff);
        assert_int_equal(config(PCI_BAR0), 0xfffff000);
        write_config(PCI_BAR0, BAR0, 0xffffffff);
        write_config(PCI_BAR0 + 4, 0xffffffff, 0xffffffff);
        assert_int_equal(config(PCI_BAR0 + 4), 0xfffff000);
        write_config(PCI_BAR0 + 4, BAR1, 0xffffffff);
        assert_int_equal(config(PCI_BAR0 + 4), BAR1);
    }
    for (unsigned int bar = 2; bar < 6; bar++) {
        write_config(PCI_BAR0 + 4 * bar, 0xffffffff, 0xffffffff);
        assert_int_equal(config(PCI_BAR0 + 4 * bar), 0);
    }
}

static void capabilities(void **state)
{
    static const struct {
        uint32_t type;
        uint32_t length; /* of the capability */
        uint32_t offset;
        uint32_t size; /* at least */
    } expected[] = {
        {1, 16, 0x000, 0x38},  {2, 20, 0x100, 2}, {3, 16, 0x200, 1},
        {4, 16, 0x800, 0x100}, {5, 20, 0, 0},     {0, 0, 0, 0},
    };
    uint32_t at = config(PCI_CAPABILITIES);

    (void)state;
    for (unsigned int i = 0; expected[i].type != 0; i++) {
        assert_in_range(at, 0x40, 0xff);
        assert_int_equal(config(at) & 0xff, 0x09);
        assert_int_equal(config(at) >> 16 & 0xff, expected[i].length);
        assert_int_equal(config(at) >> 24, expected[i].type);
        assert_int_equal(config(at + 4), 0);
        assert_int_equal(config(at + 8), expected[i].offset);
        assert_true(config(at + 12) >= expected[i].size);
        assert_true(config(at + 8) + config(at + 12) <= VIRTIO_PCI_BAR_SIZE);
        at = config(at) >> 8 & 0xff;
    }
    assert_int_equal(at, msix_at);
    assert_int_equal(config(at), 0x00020011); /* three vectors */
    assert_int_equal(config(at + 4), 1);
    assert_int_equal(config(at + 8), 0x801);
}

static void without_msix(void **state)
{
    (void)state;
    assert_int_equal(msix_at, 0);
    assert_int_equal(config(PCI_BAR0 + 4), 0);
    write_config(PCI_BAR0 + 4, 0xffffffff, 0xffffffff);
    assert_int_equal(config(PCI_BAR0 + 4), 0);
    start();
    set(MSIX_CONFIG, 0);
    assert_int_equal(get(MSIX_CONFIG), NO_VECTOR);
    set(QUEUE_MSIX_VECTOR, 0);
    assert_int_equal(get(QUEUE_MSIX_VECTOR), NO_VECTOR);
    use_a_chain(0);
    assert_int_equal(take(), INTID);
}

static void another_kind(void **state)
{
    static struct virtio_device_ops other;

    (void)state;
    other = ops;
    other.id = 77;
    device.ops = &other;
    assert_true(virtio_pci_init(&pci, &device, &pci_setup));
    assert_int_equal(config(PCI_ID), 0x108d1af4);
    assert_int_equal(config(PCI_CLASS), 0xff000001);
}

static void memory_enable(void **state)
{
    static const unsigned int sizes[] = {1, 2, 4, 8};

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        uint64_t ones = ~0UL >> (64 - 8 * sizes[i]);

        assert_int_equal(read_bar(&virtio_pci_register_ops, 0, sizes[i]), ones);
        assert_int_equal(read_bar(&virtio_pci_msix_ops, 0, sizes[i]), ones);
    }
    set(DEVICE_STATUS, 1);
    write_bar(&virtio_pci_msix_ops, 8, 4, 0x1234);
    set_command(PCI_COMMAND_MEMORY);
    assert_int_equal(get(DEVICE_STATUS), 0);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 8, 4), 0);
    set(DEVICE_STATUS, 1);
    assert_int_equal(get(DEVICE_STATUS), 1);
    set_command(0);
    assert_int_equal(get(DEVICE_STATUS), 0xff);
    assert_int_equal(read_isr(), 0xff);
}

/* A field written across the border of a register reaches nothing else. */
static void msix_control_by_bytes(void **state)
{
    (void)state;
    write_config(msix_at, 0, 0xff000000);
    assert_int_equal(config(msix_at) >> 16, 2);
    write_config(msix_at, 0xffffffff, 0x00ffffff);
    assert_int_equal(config(msix_at), 0x00020011 | (config(msix_at) & 0xff00));
    write_config(msix_at, 0xff000000, 0xff000000);
    assert_int_equal(config(msix_at) >> 16, 0xc002);
    write_config(msix_at + 4, 0xffffffff, 0xffffffff);
    write_config(msix_at + 8, 0xffffffff, 0xffffffff);
    assert_int_equal(config(msix_at + 4), 1);
    assert_int_equal(config(msix_at + 8), 0x801);
}

static void msix_table(void **state)
{
    (void)state;
    set_command(PCI_COMMAND_MEMORY);
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(read_bar(&virtio_pci_msix_ops, 16UL * i, 8), 0);
        assert_int_equal(read_bar(&virtio_pci_msix_ops, 16UL * i + 8, 8), 1UL << 32);
    }
    write_bar(&virtio_pci_msix_ops, 16, 8, 0x1234567890);
    write_bar(&virtio_pci_msix_ops, 24, 8, 0xfffffffe00000042);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 16, 8), 0x1234567890);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 20, 4), 0x12);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 24, 8), 0x42);
    write_bar(&virtio_pci_msix_ops, 16, 2, 0xffff);
    write_bar(&virtio_pci_msix_ops, 18, 4, 0xffff);
    write_bar(&virtio_pci_msix_ops, 48, 8, ~0UL); /* there are three */
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 16, 8), 0x1234567890);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 48, 8), 0);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 0x808, 8), 0);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 0x804, 8), 0);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 0xff8, 8), 0);
}

static void set_window(uint32_t bar, uint32_t offset, uint32_t length)
{
    write_config(window_at + 4, bar, 0xff);
    write_config(window_at + 8, offset, 0xffffffff);
    write_config(window_at + 12, length, 0xffffffff);
}

/* 4.1.4.7, with memory disabled. */
static void window(void **state)
{
    (void)state;
    set_window(0, DEVICE_STATUS, 1);
    write_config(window_at + 16, 1, 0xff);
    assert_int_equal(config(window_at + 16), 1);
    set_window(0, NUM_QUEUES, 2);
    assert_int_equal(config(window_at + 16), 2);
    set_window(0, device_at + 4, 4);
    assert_int_equal(config(window_at + 16), 0xa7a6a5a4);
    write_config(window_at + 16, 0x12345678, 0xffffffff);
    assert_int_equal(written[0], 4);
    assert_int_equal(written[2], 0x12345678);
    set_window(0, QUEUE_SELECT, 2);
    write_config(window_at + 16, 1, 0xffff);
    assert_int_equal(device.queue_select, 1);
}

static void windows_that_cannot_be(void **state)
{
    static const uint32_t rows[][3] = {
        {1, 0x800, 4}, {5, 0x800, 4}, {0xff, 0x800, 4},   {0, 0x802, 4},   {0, 0x801, 2},
        {0, 0x800, 0}, {0, 0x800, 3}, {0, 0x800, 8},      {0, 0x800, ~0u}, {0, 0x1000, 4},
        {0, ~0u, 1},   {0, ~3u, 4},   {0, 0x10000800, 4},
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_window(rows[i][0], rows[i][1], rows[i][2]);
        write_config(window_at + 16, 0, 0xffffffff);
        assert_int_equal(config(window_at + 16), 0);
        assert_int_equal(written[1], 0);
    }
    set_window(0, 0x800, 4);
    write_config(window_at + 16, 0x12, 0xff); /* not as long as the window is */
    write_config(window_at + 16, 0x1234, 0xffff0000);
    assert_int_equal(written[1], 0);
    set_window(0, 0x800, 2);
    write_config(window_at + 16, 0x1234, 0xffffffff);
    assert_int_equal(written[1], 0);
}

static void reset_of_the_machine(void **state)
{
    (void)state;
    use_a_chain(0);
    write_config(PCI_BAR0, 0xffffffff, 0xffffffff);
    set_window(0, 0x800, 4);
    virtio_device_fail(&device, "something");
    virtio_pci_reset(&pci);
    assert_int_equal(reset_count, 0);
    assert_true(device.is_kept_out); /* no bus master */
    assert_int_equal(config(PCI_COMMAND), 0x00100000);
    assert_int_equal(config(PCI_BAR0), BAR0);
    assert_int_equal(config(msix_at), 0x00020011);
    assert_int_equal(config(window_at + 12), 0);
    set_command(PCI_COMMAND_MEMORY);
    assert_int_equal(get(DEVICE_STATUS), 0);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 24, 8), 1UL << 32);
    follow_capabilities();
    start();
    driver_set_avail_index(0, 0);
    use_a_chain(0);
    assert_int_equal(read_isr(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(header, setup),
        cmocka_unit_test_setup(bars_answer_sizing, setup),
        cmocka_unit_test_setup(capabilities, setup),
        cmocka_unit_test_setup(without_msix, setup_without_msix),
        cmocka_unit_test_setup(another_kind, setup),
        cmocka_unit_test_setup(memory_enable, setup),
        cmocka_unit_test_setup(msix_control_by_bytes, setup_msix),
        cmocka_unit_test_setup(msix_table, setup),
        cmocka_unit_test_setup(window, setup),
        cmocka_unit_test_setup(windows_that_cannot_be, setup),
        cmocka_unit_test_setup(reset_of_the_machine, setup_msix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
