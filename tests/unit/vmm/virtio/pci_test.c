/* SPDX-License-Identifier: BSD-2-Clause */
/* What a driver does with BAR 0, and the interrupts that come of it. */
#include "tests/unit/vmm/virtio/pci_rig.h"

static void features(void **state)
{
    (void)state;
    set_command(PCI_COMMAND_MEMORY);
    assert_int_equal(get(DEVICE_FEATURE), 0x2);
    set(DEVICE_FEATURE_SELECT, 1);
    assert_int_equal(get(DEVICE_FEATURE_SELECT), 1);
    assert_int_equal(get(DEVICE_FEATURE), 0x5);
    set(DEVICE_FEATURE_SELECT, 2);
    assert_int_equal(get(DEVICE_FEATURE), 0);
    set(DEVICE_FEATURE, 0xffffffff);
    assert_int_equal(negotiate(VERSION_1 | 1UL << 1), 0xb);
    assert_int_equal(get(DRIVER_FEATURE_SELECT), 1);
    assert_int_equal(get(DRIVER_FEATURE), 1);
    set(DRIVER_FEATURE_SELECT, 0);
    assert_int_equal(get(DRIVER_FEATURE), 2);
    set(DRIVER_FEATURE_SELECT, 0xffffffff);
    set(DRIVER_FEATURE, 0xffffffff);
    assert_int_equal(get(DRIVER_FEATURE), 0);
    assert_true(virtio_device_has_feature(&device, 1UL << 1));
    set(DEVICE_STATUS, 0);
    assert_int_equal(negotiate(FEATURES), 0x3);
    assert_int_equal(negotiate(VERSION_1 | 1UL << 28), 0x3);
}

static void queues(void **state)
{
    (void)state;
    set_command(PCI_COMMAND_MEMORY);
    assert_int_equal(get(NUM_QUEUES), 2);
    for (uint32_t i = 0; i < 2; i++) {
        set(QUEUE_SELECT, i);
        assert_int_equal(get(QUEUE_SELECT), i);
        assert_int_equal(get(QUEUE_SIZE), 16);
        assert_int_equal(get(QUEUE_ENABLE), 0);
        assert_int_equal(get(QUEUE_NOTIFY_OFF), 0);
        assert_int_equal(get(QUEUE_MSIX_VECTOR), NO_VECTOR);
    }
    set(QUEUE_SIZE, 4);
    set(QUEUE_DESC + 4, 0x12);
    set(QUEUE_DESC, 0x3000);
    assert_int_equal(get(QUEUE_SIZE), 4);
    assert_int_equal(get(QUEUE_DESC), 0x3000);
    assert_int_equal(get(QUEUE_DESC + 4), 0x12);
    assert_int_equal(device.queues[1].desc_ipa, 0x1200003000);
    assert_int_equal(device.queues[0].size, 16);
    for (uint32_t i = 2; i < 0x10000; i = i * 2 + 1) { /* there are two */
        set(QUEUE_SELECT, i);
        set(QUEUE_DESC, 0x1000);
        set(QUEUE_MSIX_VECTOR, 0);
        set(QUEUE_ENABLE, 1);
        assert_int_equal(get(QUEUE_SIZE), 0);
        assert_int_equal(get(QUEUE_ENABLE), 0);
        assert_int_equal(get(QUEUE_DESC), 0);
        assert_int_equal(get(QUEUE_MSIX_VECTOR), NO_VECTOR);
    }
    assert_int_equal(get(DEVICE_STATUS), 0);
}

static void queue_enable(void **state)
{
    struct virtq before;

    (void)state;
    set_command(PCI_COMMAND_MEMORY);
    (void)negotiate(VERSION_1);
    set_queue(1, SIZE);
    assert_int_equal(get(QUEUE_ENABLE), 1);
    before = device.queues[1];
    set(QUEUE_SIZE, 16);
    set(QUEUE_DESC, 0);
    set(QUEUE_ENABLE, 0); /* ends with a reset alone */
    set(QUEUE_ENABLE, 2);
    set(QUEUE_ENABLE, 1);
    assert_memory_equal(&device.queues[1], &before, sizeof(before));
    assert_int_equal(get(QUEUE_ENABLE), 1);
    set(QUEUE_SELECT, 0);
    set(QUEUE_ENABLE, 2);
    set(QUEUE_ENABLE, 0xfffe);
    assert_int_equal(get(QUEUE_ENABLE), 0);
    assert_int_equal(get(DEVICE_STATUS), 0xb);
    set_queue(0, 17);
    assert_int_equal(get(QUEUE_ENABLE), 0);
    assert_int_equal(get(DEVICE_STATUS), 0xb | STATUS_NEEDS_RESET);
    set(DEVICE_STATUS, 0);
    assert_int_equal(get(DEVICE_STATUS), 0);
    set(QUEUE_SELECT, 1);
    assert_int_equal(get(QUEUE_ENABLE), 0);
    assert_int_equal(get(QUEUE_SIZE), 16);
}

static void notifications(void **state)
{
    (void)state;
    notify(1);
    assert_int_equal(notify_counts[1], 1);
    notify(0);
    assert_int_equal(notify_counts[0], 1);
    notify(2);
    notify(0xffff);
    write_bar(&virtio_pci_register_ops, notify_at, 4, 0);
    write_bar(&virtio_pci_register_ops, notify_at, 1, 0);
    write_bar(&virtio_pci_register_ops, notify_at + 2, 2, 0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, notify_at, 2), 0);
    assert_int_equal(notify_counts[0], 1);
    assert_int_equal(notify_counts[1], 1);
}

/* A driver that takes the bus from its device may use its RAM for something else. */
static void without_the_bus(void **state)
{
    (void)state;
    set_command(PCI_COMMAND_MEMORY);
    assert_null(virtio_device_queue(&device, 0));
    notify(0);
    assert_int_equal(notify_counts[0], 0);
    set_command(PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER);
    assert_int_equal(notify_counts[0], 1); /* there may be something */
    assert_int_equal(notify_counts[1], 1);
    set_command(PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER);
    assert_int_equal(notify_counts[0], 1);
}

static void intx(void **state)
{
    (void)state;
    use_a_chain(0);
    assert_true(pci.irq.virq->is_up);
    assert_int_equal(config(PCI_COMMAND) >> 16, 0x18);
    assert_int_equal(take(), INTID);
    assert_int_equal(take(), INTID); /* still up */
    assert_int_equal(read_isr(), 1);
    assert_false(pci.irq.virq->is_up);
    assert_int_equal(config(PCI_COMMAND) >> 16, 0x10);
    assert_int_equal(read_isr(), 0);
    virtio_device_config_changed(&device, true);
    use_a_chain(1);
    assert_int_equal(read_isr(), 3);
    assert_int_equal(take(), INTID); /* raised before it was read */
    assert_int_equal(take(), 0);
    write_bar(&virtio_pci_register_ops, isr_at, 1, 0xff);
    assert_int_equal(read_isr(), 0);
}

static void intx_disable(void **state)
{
    (void)state;
    set_command(PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER | PCI_COMMAND_INTX_DISABLE);
    use_a_chain(0);
    assert_int_equal(take(), 0);
    assert_int_equal(config(PCI_COMMAND) >> 16, 0x18); /* but it is told */
    set_command(PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER);
    assert_int_equal(take(), INTID);
}

static void vectors(void **state)
{
    (void)state;
    assert_int_equal(get(MSIX_CONFIG), 0);
    use_a_chain(0);
    assert_int_equal(take(), MSI_FIRST + 1);
    use_a_chain(1);
    assert_int_equal(take(), MSI_FIRST + 2);
    virtio_device_config_changed(&device, true);
    assert_int_equal(take(), MSI_FIRST);
    assert_int_equal(take(), 0);
    assert_false(pci.irq.virq->is_up);
    assert_int_equal(config(PCI_COMMAND) >> 16, 0x10);
    virtio_device_fail(&device, "something");
    assert_int_equal(take(), MSI_FIRST);
}

static void vectors_that_there_are_not(void **state)
{
    static const uint32_t values[] = {3, 4, 64, 0x7fff, 0xfffe, NO_VECTOR};

    (void)state;
    for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        set(MSIX_CONFIG, values[i]);
        set(QUEUE_MSIX_VECTOR, values[i]);
        assert_int_equal(get(MSIX_CONFIG), NO_VECTOR);
        assert_int_equal(get(QUEUE_MSIX_VECTOR), NO_VECTOR);
        use_a_chain(1);
        virtio_device_config_changed(&device, true);
        assert_int_equal(take(), 0);
    }
    set(QUEUE_MSIX_VECTOR, 2);
    assert_int_equal(get(QUEUE_MSIX_VECTOR), 2);
    use_a_chain(0);
    assert_int_equal(take(), MSI_FIRST + 1);
}

/* Messages to anything but the frame's doorbell, or with other data, are nothing. */
static void messages_to_elsewhere(void **state)
{
    static const struct {
        uint64_t address;
        uint32_t data;
    } rows[] = {
        {DOORBELL + 4, MSI_FIRST},
        {DOORBELL - 4, MSI_FIRST},
        {0, MSI_FIRST},
        {DOORBELL | 1UL << 32, MSI_FIRST},
        {DOORBELL, INTID},
        {DOORBELL, MSI_FIRST - 1},
        {DOORBELL, MSI_FIRST + MSI_COUNT},
        {DOORBELL, 27},
        {DOORBELL, 0},
        {DOORBELL, MSI_FIRST | 1u << 16},
        {DOORBELL, 0xffffffff},
        {DOORBELL, 1020},
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_entry(1, rows[i].address, rows[i].data, 0);
        use_a_chain(0);
        assert_int_equal(take(), 0);
    }
    write_entry(1, DOORBELL | 3, MSI_FIRST, 0); /* the address has no such bits */
    use_a_chain(0);
    assert_int_equal(take(), MSI_FIRST);
}

static uint64_t pending(void)
{
    return read_bar(&virtio_pci_msix_ops, 0x800, 8);
}

static void masked_vectors_are_pending(void **state)
{
    (void)state;
    write_entry(1, DOORBELL, MSI_FIRST + 1, 1);
    use_a_chain(0);
    use_a_chain(0);
    assert_int_equal(take(), 0);
    assert_int_equal(pending(), 2);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 0x800, 4), 2);
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 0x804, 4), 0);
    write_bar(&virtio_pci_msix_ops, 0x800, 8, 0);
    assert_int_equal(pending(), 2);
    use_a_chain(1);
    assert_int_equal(take(), MSI_FIRST + 2);
    write_entry(1, DOORBELL, MSI_FIRST, 0); /* another message meanwhile */
    assert_int_equal(pending(), 0);
    assert_int_equal(take(), MSI_FIRST);
    assert_int_equal(take(), 0);
    /* All of them, and by the command register. */
    write_config(msix_at, MSIX_ENABLE | MSIX_MASK_ALL, 0xffff0000);
    use_a_chain(1);
    assert_int_equal(take(), 0);
    assert_int_equal(pending(), 4);
    set_command(PCI_COMMAND_MEMORY);
    write_config(msix_at, MSIX_ENABLE, 0xffff0000);
    assert_int_equal(take(), 0);
    set_command(PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER);
    assert_int_equal(take(), MSI_FIRST + 2);
    assert_int_equal(pending(), 0);
}

static void msix_off_again(void **state)
{
    (void)state;
    use_a_chain(0);
    assert_int_equal(take(), MSI_FIRST + 1);
    write_config(msix_at, 0, 0xffff0000);
    assert_int_equal(take(), INTID); /* what the ISR has */
    assert_int_equal(read_isr(), 1);
    use_a_chain(1);
    assert_int_equal(take(), INTID);
    write_config(msix_at, MSIX_ENABLE, 0xffff0000);
    assert_false(pci.irq.virq->is_up);
}

static void device_configuration(void **state)
{
    (void)state;
    assert_int_equal(read_bar(&virtio_pci_register_ops, device_at, 1), 0xa0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, device_at + 2, 2), 0xa3a2);
    assert_int_equal(read_bar(&virtio_pci_register_ops, device_at + 4, 8), 0xabaaa9a8a7a6a5a4);
    assert_int_equal(read_bar(&virtio_pci_register_ops, 0xff8, 8), 0);
    write_bar(&virtio_pci_register_ops, device_at + 3, 2, 0x1234);
    assert_int_equal(written[0], 3);
    assert_int_equal(written[1], 2);
    assert_int_equal(written[2], 0x1234);
    write_bar(&virtio_pci_register_ops, device_at - 1, 2, 0x4321); /* across its start */
    assert_int_equal(written[2], 0x1234);
}

static void generations(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 300; i++) {
        assert_int_equal(get(CONFIG_GENERATION), i & 0xff);
        virtio_device_config_changed(&device, false);
    }
}

static void sizes_and_holes(void **state)
{
    (void)state;
    assert_int_equal(read_bar(&virtio_pci_register_ops, QUEUE_DESC, 8), 0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, NUM_QUEUES, 1), 0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, NUM_QUEUES, 4), 0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, DEVICE_STATUS, 2), 0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, DEVICE_STATUS, 4), 0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, 0x38, 4), 0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, 0x7fc, 8), 0);
    write_bar(&virtio_pci_register_ops, DEVICE_STATUS, 4, 0);
    write_bar(&virtio_pci_register_ops, DEVICE_STATUS, 2, 0);
    write_bar(&virtio_pci_register_ops, NUM_QUEUES, 2, 1);
    write_bar(&virtio_pci_register_ops, QUEUE_NOTIFY_OFF, 2, 1);
    write_bar(&virtio_pci_register_ops, DEVICE_FEATURE, 4, 1);
    write_bar(&virtio_pci_register_ops, CONFIG_GENERATION, 1, 1);
    assert_int_equal(get(DEVICE_STATUS), 0xf);
    assert_int_equal(get(NUM_QUEUES), 2);
    assert_int_equal(get(QUEUE_NOTIFY_OFF), 0);
    assert_int_equal(get(CONFIG_GENERATION), 0);
    use_a_chain(0);
    assert_int_equal(read_bar(&virtio_pci_register_ops, isr_at, 2), 0);
    assert_int_equal(read_isr(), 1);
}

static void reset_by_the_driver(void **state)
{
    (void)state;
    write_entry(1, DOORBELL, MSI_FIRST + 1, 1);
    use_a_chain(0);
    set(DEVICE_STATUS, 0);
    assert_int_equal(reset_count, 1);
    assert_int_equal(get(DEVICE_STATUS), 0);
    assert_int_equal(get(MSIX_CONFIG), NO_VECTOR);
    assert_int_equal(get(QUEUE_SELECT), 0);
    assert_int_equal(get(QUEUE_MSIX_VECTOR), NO_VECTOR);
    assert_int_equal(get(QUEUE_ENABLE), 0);
    assert_int_equal(read_isr(), 0);
    assert_int_equal(pending(), 0);
    assert_int_equal(config(msix_at) >> 16, 0x8002); /* the function's, not the device's */
    assert_int_equal(read_bar(&virtio_pci_msix_ops, 24, 4), MSI_FIRST + 1);
}

static void without_an_interrupt(void **state)
{
    (void)state;
    pci_setup.intid = 1000;
    assert_false(virtio_pci_init(&pci, &device, &pci_setup));
    start();
    virtio_device_config_changed(&device, true);
    assert_int_equal(read_isr(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(features, setup),
        cmocka_unit_test_setup(queues, setup),
        cmocka_unit_test_setup(queue_enable, setup),
        cmocka_unit_test_setup(notifications, setup_started),
        cmocka_unit_test_setup(without_the_bus, setup_started),
        cmocka_unit_test_setup(intx, setup_started),
        cmocka_unit_test_setup(intx_disable, setup_started),
        cmocka_unit_test_setup(vectors, setup_msix),
        cmocka_unit_test_setup(vectors_that_there_are_not, setup_msix),
        cmocka_unit_test_setup(messages_to_elsewhere, setup_msix),
        cmocka_unit_test_setup(masked_vectors_are_pending, setup_msix),
        cmocka_unit_test_setup(msix_off_again, setup_msix),
        cmocka_unit_test_setup(device_configuration, setup_started),
        cmocka_unit_test_setup(generations, setup_started),
        cmocka_unit_test_setup(sizes_and_holes, setup_started),
        cmocka_unit_test_setup(reset_by_the_driver, setup_msix),
        cmocka_unit_test_setup(without_an_interrupt, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
