/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtio device behind virtio-pci, and what a guest's driver does with it. */
#ifndef SLUICE_TESTS_UNIT_VMM_VIRTIO_PCI_RIG_H
#define SLUICE_TESTS_UNIT_VMM_VIRTIO_PCI_RIG_H

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "tests/unit/vmm/virtio/driver.h"
#include "vmm/virtio/pci.h"

#define INTID     40
#define MSI_FIRST 48u
#define MSI_COUNT 3u
#define MSI_IPA   0x8020000UL
#define DOORBELL  (MSI_IPA + 0x40)
#define BAR0      0xa100000u
#define BAR1      0xa101000u
#define SIZE      8
#define FEATURES  (1UL << 1 | 1UL << 34)
#define VERSION_1 (1UL << 32)
#define NO_VECTOR 0xffffu

#define STATUS_NEEDS_RESET 0x40u

/* 4.1.4.3: fields of the common configuration. */
enum field {
    DEVICE_FEATURE_SELECT = 0x00,
    DEVICE_FEATURE = 0x04,
    DRIVER_FEATURE_SELECT = 0x08,
    DRIVER_FEATURE = 0x0c,
    MSIX_CONFIG = 0x10,
    NUM_QUEUES = 0x12,
    DEVICE_STATUS = 0x14,
    CONFIG_GENERATION = 0x15,
    QUEUE_SELECT = 0x16,
    QUEUE_SIZE = 0x18,
    QUEUE_MSIX_VECTOR = 0x1a,
    QUEUE_ENABLE = 0x1c,
    QUEUE_NOTIFY_OFF = 0x1e,
    QUEUE_DESC = 0x20,
    QUEUE_DRIVER = 0x28,
    QUEUE_DEVICE = 0x30,
};

static const struct vm_config_vcpu vcpus[] = {{.id = 0}};
static const struct vm_config_msi frame = {.ipa = MSI_IPA, .first = MSI_FIRST, .count = MSI_COUNT};

static struct vgic vgic;
static struct virtio_machine machine;
static struct virtio_device device;
static struct virtio_pci pci;
static struct virtio_pci_setup pci_setup;

/* Where the capabilities say that structures are. */
static uint32_t notify_at;
static uint32_t isr_at;
static uint32_t device_at;
static uint32_t window_at; /* in configuration space */
static uint32_t msix_at;   /* likewise */

/* What the device was told. */
static unsigned int reset_count;
static unsigned int notify_counts[VIRTIO_MAX_QUEUES];
static uint64_t written[3]; /* offset, size, value */

static inline void device_reset(void *context)
{
    assert_ptr_equal(context, &reset_count);
    reset_count++;
}

static inline void device_notify(void *context, unsigned int queue)
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

static inline void device_write_config(void *context, uint64_t offset, unsigned int size,
                                       uint64_t value)
{
    assert_ptr_equal(context, &reset_count);
    written[0] = offset;
    written[1] = size;
    written[2] = value;
}

static const struct virtio_device_ops ops = {
    .name = "test",
    .id = 3,
    .queue_count = 2,
    .queue_size = 16,
    .features = FEATURES,
    .reset = device_reset,
    .notify = device_notify,
    .read_config = device_read_config,
    .write_config = device_write_config,
};

static inline uint32_t config(unsigned int offset)
{
    return pci_space_read(&pci.space, offset);
}

static inline void write_config(unsigned int offset, uint32_t value, uint32_t mask)
{
    pci_space_write(&pci.space, offset, value, mask);
}

static inline void set_command(uint32_t value)
{
    write_config(PCI_COMMAND, value, 0xffff);
}

static inline uint64_t read_bar(const struct mmio_ops *bar, uint64_t offset, unsigned int size)
{
    struct mmio_access access = {.offset = offset, .size = size, .value = 0x55};

    assert_true(bar->access(&pci, &access));
    assert_true(size == 8 || access.value >> 8 * size == 0);
    return access.value;
}

static inline void write_bar(const struct mmio_ops *bar, uint64_t offset, unsigned int size,
                             uint64_t value)
{
    struct mmio_access access = {.offset = offset, .size = size, .is_write = true, .value = value};

    assert_true(bar->access(&pci, &access));
}

static inline unsigned int field_size(unsigned int field)
{
    return field == DEVICE_STATUS || field == CONFIG_GENERATION ? 1
           : field >= MSIX_CONFIG && field < QUEUE_DESC         ? 2
                                                                : 4;
}

static inline uint32_t get(unsigned int field)
{
    return (uint32_t)read_bar(&virtio_pci_register_ops, field, field_size(field));
}

static inline void set(unsigned int field, uint32_t value)
{
    write_bar(&virtio_pci_register_ops, field, field_size(field), value);
}

static inline void notify(uint16_t queue)
{
    write_bar(&virtio_pci_register_ops, notify_at, 2, queue);
}

static inline uint32_t read_isr(void)
{
    return (uint32_t)read_bar(&virtio_pci_register_ops, isr_at, 1);
}

/* As a driver finds its way: by the list of capabilities. */
static inline void follow_capabilities(void)
{
    uint32_t *const places[] = {[2] = &notify_at, [3] = &isr_at, [4] = &device_at};

    window_at = msix_at = 0;
    for (uint32_t at = config(PCI_CAPABILITIES) & 0xff; at != 0; at = config(at) >> 8 & 0xff) {
        uint32_t type = config(at) >> 24;

        if ((config(at) & 0xff) == PCI_CAPABILITY_MSIX) {
            msix_at = at;
            continue;
        }
        assert_int_equal(config(at) & 0xff, PCI_CAPABILITY_VENDOR);
        if (type == VIRTIO_CAP_WINDOW) {
            window_at = at;
        } else if (type != VIRTIO_CAP_COMMON) {
            *places[type] = config(at + 8);
        }
    }
}

static inline void set_up(uint64_t msix_ipa)
{
    fake_reset();
    vgic_init(&vgic, vcpus, 1, 63);
    machine = (struct virtio_machine){.name = "guest", .vgic = &vgic, .ram = driver_reset()};
    device = (struct virtio_device){.ops = &ops, .context = &reset_count, .machine = &machine};
    virtio_device_init(&device);
    pci_setup = (struct virtio_pci_setup){
        .registers_ipa = BAR0, .msix_ipa = msix_ipa, .frame = &frame, .intid = INTID};
    assert_true(virtio_pci_init(&pci, &device, &pci_setup));
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    for (unsigned int i = INTID; i < 63; i++) {
        vgic_set_enabled(&vgic, vgic_find(&vgic, 0, i), true);
    }
    follow_capabilities();
    reset_count = 0;
    memset(notify_counts, 0, sizeof(notify_counts));
    memset(written, 0, sizeof(written));
}

static inline int setup(void **state)
{
    (void)state;
    set_up(BAR1);
    return 0;
}

static inline int setup_without_msix(void **state)
{
    (void)state;
    set_up(0);
    return 0;
}

static inline uint32_t negotiate(uint64_t features)
{
    set(DEVICE_STATUS, 0x3);
    for (uint32_t half = 0; half < 2; half++) {
        set(DRIVER_FEATURE_SELECT, half);
        set(DRIVER_FEATURE, (uint32_t)(features >> 32 * half));
    }
    set(DEVICE_STATUS, 0xb);
    return get(DEVICE_STATUS);
}

static inline void set_queue(uint32_t queue, uint32_t size)
{
    set(QUEUE_SELECT, queue);
    set(QUEUE_SIZE, size);
    set(QUEUE_DESC, (uint32_t)DRIVER_QUEUE(queue));
    set(QUEUE_DRIVER, (uint32_t)(DRIVER_QUEUE(queue) + DRIVER_AVAIL));
    set(QUEUE_DEVICE, (uint32_t)(DRIVER_QUEUE(queue) + DRIVER_USED));
    set(QUEUE_ENABLE, 1);
}

static inline void start(void)
{
    set_command(PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER);
    set(DEVICE_STATUS, 0);
    assert_int_equal(negotiate(FEATURES | VERSION_1), 0xb);
    set_queue(0, SIZE);
    set_queue(1, SIZE);
    set(DEVICE_STATUS, 0xf);
    assert_int_equal(get(DEVICE_STATUS), 0xf);
    reset_count = 0;
    memset(notify_counts, 0, sizeof(notify_counts));
}

static inline int setup_started(void **state)
{
    (void)setup(state);
    start();
    return 0;
}

static inline void write_entry(unsigned int entry, uint64_t address, uint32_t data,
                               uint32_t control)
{
    write_bar(&virtio_pci_msix_ops, entry * 16UL, 4, (uint32_t)address);
    write_bar(&virtio_pci_msix_ops, entry * 16UL + 4, 4, address >> 32);
    write_bar(&virtio_pci_msix_ops, entry * 16UL + 8, 4, data);
    write_bar(&virtio_pci_msix_ops, entry * 16UL + 12, 4, control);
}

/* Vector 0 for the configuration, the others for the queues. */
static inline void start_msix(void)
{
    start();
    write_config(msix_at, MSIX_ENABLE, 0xffff0000);
    for (unsigned int i = 0; i < 3; i++) {
        write_entry(i, DOORBELL, MSI_FIRST + i, 0);
    }
    set(MSIX_CONFIG, 0);
    for (uint32_t i = 0; i < 2; i++) {
        set(QUEUE_SELECT, i);
        set(QUEUE_MSIX_VECTOR, 1 + i);
    }
}

static inline int setup_msix(void **state)
{
    (void)setup(state);
    start_msix();
    return 0;
}

static inline void use_a_chain(unsigned int queue)
{
    driver_offer(queue, SIZE, 0);
    assert_int_equal(virtq_look(&device.queues[queue]), VIRTQ_OK);
    assert_int_equal(virtq_open(&device.queues[queue]), VIRTQ_OK);
    virtq_close(&device.queues[queue]);
    virtio_device_announce(&device, queue);
}

/* The guest takes and ends one interrupt. Returns its number, or 0. */
static inline unsigned int take(void)
{
    int index = fake_take(0);
    unsigned int intid;

    if (index < 0) {
        return 0;
    }
    intid = fake.vcpus[0].lists[index].intid;
    fake_end(0, (unsigned int)index);
    assert_true(vgic_end(&vgic, 0, (unsigned int)index));
    return intid;
}

#endif
