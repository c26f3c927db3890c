/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmm/virtio/mmio.h"

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "tests/unit/vmm/virtio/driver.h"

#define INTID     40
#define SIZE      8
#define FEATURES  (1UL << 1 | 1UL << 34)
#define VERSION_1 (1UL << 32)

static const struct vm_config_vcpu vcpus[] = {{.id = 0}};

static struct vgic vgic;
static struct virtio_machine machine;
static struct virtio_device device;
static struct virtio_mmio mmio;

/* What the device was told. */
static unsigned int reset_count;
static unsigned int notify_counts[VIRTIO_MAX_QUEUES];
static uint64_t written_offset;
static unsigned int written_size;
static uint64_t written_value;

static void device_reset(void *context)
{
    assert_ptr_equal(context, &reset_count);
    reset_count++;
}

static void device_notify(void *context, unsigned int queue)
{
    assert_ptr_equal(context, &reset_count);
    assert_non_null(virtio_device_queue(&device, queue));
    notify_counts[queue]++;
}

static uint8_t device_read_config(void *context, uint64_t offset)
{
    assert_ptr_equal(context, &reset_count);
    return offset < 12 ? (uint8_t)(0xa0 + offset) : 0;
}

static void device_write_config(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
    assert_ptr_equal(context, &reset_count);
    written_offset = offset;
    written_size = size;
    written_value = value;
}

static const struct virtio_device_ops ops = {
    .name = "test",
    .id = 77,
    .queue_count = 2,
    .queue_size = 16,
    .features = FEATURES,
    .reset = device_reset,
    .notify = device_notify,
    .read_config = device_read_config,
    .write_config = device_write_config,
};

static int setup(void **state)
{
    (void)state;
    fake_reset();
    vgic_init(&vgic, vcpus, 1, INTID);
    machine = (struct virtio_machine){.name = "guest", .vgic = &vgic, .ram = driver_reset()};
    device = (struct virtio_device){.ops = &ops, .context = &reset_count, .machine = &machine};
    virtio_device_init(&device);
    assert_true(virtio_mmio_init(&mmio, &device, INTID));
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    vgic_set_enabled(&vgic, vgic_find(&vgic, 0, INTID), true);
    reset_count = 0;
    memset(notify_counts, 0, sizeof(notify_counts));
    return 0;
}

/* And the driver has it running. */
static int setup_started(void **state)
{
    (void)setup(state);
    driver_start(&mmio, FEATURES, SIZE);
    assert_int_equal(driver_read(&mmio, DRIVER_STATUS), 0xf);
    reset_count = 0;
    memset(notify_counts, 0, sizeof(notify_counts));
    return 0;
}

static void write_reg(uint64_t offset, uint32_t value)
{
    driver_write(&mmio, offset, value);
}

static uint32_t read_reg(uint64_t offset)
{
    return driver_read(&mmio, offset);
}

static bool is_interrupting(void)
{
    return mmio.irq.virq->is_up;
}

static void identification(void **state)
{
    (void)state;
    assert_int_equal(read_reg(0x000), 0x74726976);
    assert_int_equal(read_reg(0x004), 2);
    assert_int_equal(read_reg(0x008), 77);
    assert_int_equal(read_reg(0x00c), 0x554c53);
    write_reg(0x008, 1);
    assert_int_equal(read_reg(0x008), 77);
}

static void offered_features(void **state)
{
    (void)state;
    assert_int_equal(read_reg(DRIVER_DEVICE_FEATURES), 0x2);
    write_reg(DRIVER_DEVICE_FEATURES_SEL, 1);
    assert_int_equal(read_reg(DRIVER_DEVICE_FEATURES), 0x5);
    write_reg(DRIVER_DEVICE_FEATURES_SEL, 2);
    assert_int_equal(read_reg(DRIVER_DEVICE_FEATURES), 0);
    write_reg(DRIVER_DEVICE_FEATURES_SEL, 0xffffffff);
    assert_int_equal(read_reg(DRIVER_DEVICE_FEATURES), 0);
}

static void negotiation(void **state)
{
    static const struct {
        uint64_t features;
        bool is_fine;
    } rows[] = {
        {VERSION_1, true},
        {VERSION_1 | FEATURES, true},
        {VERSION_1 | 1UL << 1, true},
        {0, false},
        {FEATURES, false}, /* a driver of old devices */
        {VERSION_1 | 1UL << 2, false},
        {VERSION_1 | 1UL << 28, false}, /* indirect descriptors */
        {VERSION_1 | 1UL << 29, false},
        {VERSION_1 | 1UL << 63, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_reg(DRIVER_STATUS, 0);
        assert_int_equal(driver_negotiate(&mmio, rows[i].features), rows[i].is_fine ? 0xb : 0x3);
        assert_int_equal(virtio_device_has_feature(&device, 1UL << 1),
                         rows[i].is_fine && (rows[i].features & 1UL << 1) != 0);
    }
}

static void what_is_negotiated_stays(void **state)
{
    (void)state;
    write_reg(DRIVER_FEATURES, 0xffffffff); /* changed its mind */
    assert_int_equal(driver_negotiate(&mmio, VERSION_1), 0xb);
    write_reg(DRIVER_FEATURES_SEL, 0);
    write_reg(DRIVER_FEATURES, 2);
    assert_false(virtio_device_has_feature(&device, 1UL << 1));
    write_reg(DRIVER_STATUS, 0);
    write_reg(DRIVER_FEATURES_SEL, 0xffffffff);
    write_reg(DRIVER_FEATURES, 0xffffffff);
    assert_int_equal(device.driver_features, 0);
}

static void status_bits_are_added(void **state)
{
    (void)state;
    write_reg(DRIVER_STATUS, 1);
    write_reg(DRIVER_STATUS, 2);
    assert_int_equal(read_reg(DRIVER_STATUS), 3);
    write_reg(DRIVER_STATUS, 0x70); /* not the driver's */
    assert_int_equal(read_reg(DRIVER_STATUS), 3);
    write_reg(DRIVER_STATUS, 0x80);
    assert_int_equal(read_reg(DRIVER_STATUS), 0x83);
    write_reg(DRIVER_STATUS, 0);
    assert_int_equal(read_reg(DRIVER_STATUS), 0);
    assert_int_equal(reset_count, 1);
}

static void a_driver_without_features(void **state)
{
    (void)state;
    write_reg(DRIVER_STATUS, 0x7);
    assert_int_equal(read_reg(DRIVER_STATUS), 0x47);
    assert_string_equal(fake.console, "[guest] virtio test: the driver goes on without its "
                                      "features: it needs a reset\n");
    write_reg(DRIVER_QUEUE_NOTIFY, 0);
    assert_int_equal(notify_counts[0], 0);
    driver_start(&mmio, 0, SIZE);
    assert_int_equal(read_reg(DRIVER_STATUS), 0xf);
}

static void queue_registers(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        write_reg(DRIVER_QUEUE_SEL, i);
        assert_int_equal(read_reg(DRIVER_QUEUE_NUM_MAX), 16);
        assert_int_equal(read_reg(DRIVER_QUEUE_READY), 0);
    }
    driver_set_queue(&mmio, 1, SIZE);
    assert_int_equal(read_reg(DRIVER_QUEUE_READY), 1);
    write_reg(DRIVER_QUEUE_SEL, 0);
    assert_int_equal(read_reg(DRIVER_QUEUE_READY), 0);
    write_reg(DRIVER_QUEUE_SEL, 1);
    write_reg(DRIVER_QUEUE_READY, 0);
    assert_int_equal(read_reg(DRIVER_QUEUE_READY), 0);
    for (uint32_t i = 2; i != 0; i <<= 1) { /* there are two */
        driver_set_queue(&mmio, i, SIZE);
        assert_int_equal(read_reg(DRIVER_QUEUE_NUM_MAX), 0);
        assert_int_equal(read_reg(DRIVER_QUEUE_READY), 0);
        write_reg(DRIVER_QUEUE_READY, 0);
    }
    assert_int_equal(read_reg(DRIVER_QUEUE_NUM), 0); /* can only be written */
    assert_int_equal(read_reg(DRIVER_QUEUE_DESC), 0);
    assert_int_equal(read_reg(DRIVER_STATUS), 0);
}

static void queue_addresses(void **state)
{
    (void)state;
    write_reg(DRIVER_QUEUE_SEL, 1);
    for (uint32_t i = 0; i < 2; i++) {
        write_reg(DRIVER_QUEUE_DESC + 4 * i, 0x10 + i);
        write_reg(DRIVER_QUEUE_AVAIL + 4 * i, 0x20 + i);
        write_reg(DRIVER_QUEUE_USED + 4 * i, 0x30 + i);
    }
    assert_int_equal(device.queues[1].desc_ipa, 0x1100000010);
    assert_int_equal(device.queues[1].avail_ipa, 0x2100000020);
    assert_int_equal(device.queues[1].used_ipa, 0x3100000030);
    write_reg(DRIVER_QUEUE_DESC, 0x40);
    assert_int_equal(device.queues[1].desc_ipa, 0x1100000040);
    assert_int_equal(device.queues[0].desc_ipa, 0);
}

static void a_ready_queue_is_not_changed(void **state)
{
    const struct virtq *queue = &device.queues[0];
    struct virtq before;

    (void)state;
    write_reg(DRIVER_QUEUE_SEL, 0);
    before = *queue;
    write_reg(DRIVER_QUEUE_NUM, 16);
    write_reg(DRIVER_QUEUE_DESC, 0x1234);
    write_reg(DRIVER_QUEUE_USED + 4, 0x1234);
    write_reg(DRIVER_QUEUE_READY, 1);
    assert_memory_equal(queue, &before, sizeof(before));
}

static void a_queue_that_cannot_be(void **state)
{
    (void)state;
    assert_int_equal(driver_negotiate(&mmio, VERSION_1), 0xb);
    driver_set_queue(&mmio, 0, 17);
    assert_int_equal(read_reg(DRIVER_QUEUE_READY), 0);
    assert_int_equal(read_reg(DRIVER_STATUS), 0x4b);
    assert_false(is_interrupting()); /* not running yet */
    driver_set_queue(&mmio, 0, 3);
    write_reg(DRIVER_STATUS, 0);
    driver_set_queue(&mmio, 0, 3);
    /* Said once, whatever the driver does. */
    assert_string_equal(fake.console, "[guest] virtio test: a queue's size or place cannot be: it "
                                      "needs a reset\n");
}

static void notifications(void **state)
{
    (void)state;
    write_reg(DRIVER_QUEUE_NOTIFY, 1);
    assert_int_equal(notify_counts[1], 1);
    write_reg(DRIVER_QUEUE_NOTIFY, 2);
    write_reg(DRIVER_QUEUE_NOTIFY, 0xffffffff);
    assert_int_equal(notify_counts[0], 0);
    write_reg(DRIVER_QUEUE_SEL, 1);
    write_reg(DRIVER_QUEUE_READY, 0);
    write_reg(DRIVER_QUEUE_NOTIFY, 1);
    assert_int_equal(notify_counts[1], 1);
    write_reg(DRIVER_STATUS, 0x80); /* the driver gave up */
    write_reg(DRIVER_QUEUE_NOTIFY, 0);
    assert_int_equal(notify_counts[0], 0);
}

/* A driver may fill its queues before it says that it is ready, but not be served. */
static void filled_before_it_runs(void **state)
{
    (void)state;
    (void)driver_negotiate(&mmio, VERSION_1);
    driver_set_queue(&mmio, 1, SIZE);
    write_reg(DRIVER_QUEUE_NOTIFY, 1);
    assert_null(virtio_device_queue(&device, 1));
    assert_int_equal(notify_counts[1], 0);
    write_reg(DRIVER_STATUS, 0xf);
    assert_int_equal(notify_counts[1], 1);
    assert_int_equal(notify_counts[0], 0);
    write_reg(DRIVER_STATUS, 0xf);
    assert_int_equal(notify_counts[1], 1);
}

static void use_a_chain(unsigned int queue)
{
    driver_offer(queue, SIZE, 0);
    assert_int_equal(virtq_look(&device.queues[queue]), VIRTQ_OK);
    assert_int_equal(virtq_open(&device.queues[queue]), VIRTQ_OK);
    virtq_close(&device.queues[queue]);
    virtio_device_announce(&device, queue);
}

static void interrupts(void **state)
{
    (void)state;
    virtio_device_announce(&device, 0);
    assert_false(is_interrupting());
    use_a_chain(0);
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 1);
    assert_true(is_interrupting());
    assert_int_equal(fake_find(0, INTID), 0);
    virtio_device_config_changed(&device, true);
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 3);
    write_reg(DRIVER_INTERRUPT_ACK, 1);
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 2);
    assert_true(is_interrupting());
    write_reg(DRIVER_INTERRUPT_ACK, 0xffffffff);
    assert_false(is_interrupting());
    virtio_device_config_changed(&device, true);
    assert_true(is_interrupting());
    use_a_chain(0);
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 3);
    write_reg(DRIVER_INTERRUPT_ACK, 3);
    driver_set_avail_flags(0, 1);
    use_a_chain(0);
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 0);
}

static void configuration(void **state)
{
    (void)state;
    assert_int_equal(driver_read_sized(&mmio, DRIVER_CONFIG, 1), 0xa0);
    assert_int_equal(driver_read_sized(&mmio, DRIVER_CONFIG + 2, 2), 0xa3a2);
    assert_int_equal(driver_read_sized(&mmio, DRIVER_CONFIG + 4, 4), 0xa7a6a5a4);
    assert_int_equal(driver_read_sized(&mmio, DRIVER_CONFIG, 8), 0xa7a6a5a4a3a2a1a0);
    assert_int_equal(driver_read_sized(&mmio, DRIVER_CONFIG + 8, 8), 0xabaaa9a8);
    assert_int_equal(driver_read_sized(&mmio, DRIVER_CONFIG + 0xf00, 8), 0);
    driver_write_sized(&mmio, DRIVER_CONFIG + 3, 2, 0x1234);
    assert_int_equal(written_offset, 3);
    assert_int_equal(written_size, 2);
    assert_int_equal(written_value, 0x1234);
}

static void configuration_changes(void **state)
{
    uint32_t generation = read_reg(DRIVER_CONFIG_GENERATION);

    (void)state;
    virtio_device_config_changed(&device, false);
    assert_int_equal(read_reg(DRIVER_CONFIG_GENERATION), generation + 1);
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 0);
    write_reg(DRIVER_STATUS, 0);
    virtio_device_config_changed(&device, true); /* nobody to tell */
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 0);
    assert_int_equal(read_reg(DRIVER_CONFIG_GENERATION), generation + 2);
}

static void sizes_and_holes(void **state)
{
    (void)state;
    assert_int_equal(driver_read_sized(&mmio, 0x000, 1), 0);
    assert_int_equal(driver_read_sized(&mmio, 0x000, 2), 0);
    assert_int_equal(driver_read_sized(&mmio, 0x000, 8), 0);
    assert_int_equal(driver_read_sized(&mmio, 0x002, 4), 0);
    assert_int_equal(read_reg(0x018), 0);
    assert_int_equal(read_reg(0x0f8), 0);
    driver_write_sized(&mmio, DRIVER_STATUS, 1, 0x80);
    driver_write_sized(&mmio, DRIVER_STATUS, 8, 0x80);
    write_reg(0x0c0, 1);
    write_reg(0x000, 1);
    assert_int_equal(read_reg(DRIVER_STATUS), 0xf);
}

/* The driver broke a rule while it runs. */
static void failure(void **state)
{
    (void)state;
    virtio_device_fail(&device, "something");
    assert_int_equal(read_reg(DRIVER_STATUS), 0x4f);
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 2);
    assert_true(is_interrupting());
    write_reg(DRIVER_INTERRUPT_ACK, 2);
    virtio_device_fail(&device, "something"); /* told already */
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 0);
    use_a_chain(0);
    virtio_device_fail(&device, "something");
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 1);
    assert_null(virtio_device_queue(&device, 0));
    write_reg(DRIVER_QUEUE_NOTIFY, 0);
    assert_int_equal(notify_counts[0], 0);
    write_reg(DRIVER_STATUS, 0xf);
    assert_int_equal(read_reg(DRIVER_STATUS), 0x4f);
    assert_int_equal(notify_counts[0], 0);
    write_reg(DRIVER_STATUS, 0);
    assert_int_equal(read_reg(DRIVER_STATUS), 0);
    driver_start(&mmio, 0, SIZE);
    assert_int_equal(read_reg(DRIVER_STATUS), 0xf);
    virtio_device_fail(&device, "something");
    assert_string_equal(fake.console, "[guest] virtio test: something: it needs a reset\n");
}

static void reset_by_the_driver(void **state)
{
    (void)state;
    use_a_chain(0);
    write_reg(DRIVER_QUEUE_SEL, 5);
    write_reg(DRIVER_STATUS, 0);
    assert_int_equal(reset_count, 1);
    assert_false(is_interrupting());
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 0);
    assert_int_equal(read_reg(DRIVER_QUEUE_NUM_MAX), 16); /* of queue 0 */
    assert_int_equal(read_reg(DRIVER_QUEUE_READY), 0);
    assert_int_equal(read_reg(DRIVER_DEVICE_FEATURES), 2);
    assert_false(virtio_device_has_feature(&device, 2));
    driver_set_avail_index(0, 0);
    driver_start(&mmio, 0, SIZE);
    use_a_chain(0);
    assert_int_equal(driver_used_index(0), 1); /* from the beginning */
}

static void reset_of_the_machine(void **state)
{
    (void)state;
    virtio_device_fail(&device, "something");
    virtio_device_reset(&device);
    assert_false(is_interrupting());
    assert_int_equal(read_reg(DRIVER_STATUS), 0);
    assert_int_equal(reset_count, 0);
    virtio_device_fail(&device, "again");
    assert_non_null(strstr(fake.console, "again")); /* another guest */
}

static void without_an_interrupt(void **state)
{
    (void)state;
    assert_false(virtio_mmio_init(&mmio, &device, 1000));
    driver_start(&mmio, 0, SIZE);
    virtio_device_config_changed(&device, true);
    assert_int_equal(read_reg(DRIVER_INTERRUPT_STATUS), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(identification, setup),
        cmocka_unit_test_setup(offered_features, setup),
        cmocka_unit_test_setup(negotiation, setup),
        cmocka_unit_test_setup(what_is_negotiated_stays, setup),
        cmocka_unit_test_setup(status_bits_are_added, setup),
        cmocka_unit_test_setup(a_driver_without_features, setup),
        cmocka_unit_test_setup(queue_registers, setup),
        cmocka_unit_test_setup(queue_addresses, setup),
        cmocka_unit_test_setup(a_ready_queue_is_not_changed, setup_started),
        cmocka_unit_test_setup(a_queue_that_cannot_be, setup),
        cmocka_unit_test_setup(notifications, setup_started),
        cmocka_unit_test_setup(filled_before_it_runs, setup),
        cmocka_unit_test_setup(interrupts, setup_started),
        cmocka_unit_test_setup(configuration, setup),
        cmocka_unit_test_setup(configuration_changes, setup_started),
        cmocka_unit_test_setup(sizes_and_holes, setup_started),
        cmocka_unit_test_setup(failure, setup_started),
        cmocka_unit_test_setup(reset_by_the_driver, setup_started),
        cmocka_unit_test_setup(reset_of_the_machine, setup_started),
        cmocka_unit_test_setup(without_an_interrupt, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
