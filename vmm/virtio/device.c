/* SPDX-License-Identifier: BSD-2-Clause */
/* See device.h. Sections are those of Virtual I/O Device 1.1. */
#include "vmm/virtio/device.h"

#include <stddef.h>

#include "vmm/log.h"

/* 2.1 */
#define STATUS_FEATURES_OK 0x08u
#define STATUS_DRIVER_OK   0x04u
#define STATUS_NEEDS_RESET 0x40u
#define STATUS_FAILED      0x80u
#define STATUS_DRIVER      0x8fu /* bits that the driver sets */

#define FEATURE_VERSION_1 (1UL << 32)

static bool is_live(const struct virtio_device *device)
{
    return (device->status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET | STATUS_FAILED)) ==
           STATUS_DRIVER_OK;
}

static uint64_t offered_features(const struct virtio_device *device)
{
    return device->ops->features | FEATURE_VERSION_1;
}

/* NULL: there is no such queue. */
static struct virtq *selected_queue(struct virtio_device *device)
{
    return device->queue_select < device->ops->queue_count ? &device->queues[device->queue_select]
                                                           : NULL;
}

static void interrupt(struct virtio_device *device, uint32_t cause, unsigned int queue)
{
    device->causes |= cause;
    device->transport->interrupt(device->transport_context, cause, queue);
}

struct virtq *virtio_device_queue(struct virtio_device *device, unsigned int queue)
{
    return is_live(device) && !device->is_kept_out && device->queues[queue].is_ready
               ? &device->queues[queue]
               : NULL;
}

bool virtio_device_has_feature(const struct virtio_device *device, uint64_t feature)
{
    return (device->status & STATUS_FEATURES_OK) != 0 && (device->driver_features & feature) != 0;
}

void virtio_device_announce(struct virtio_device *device, unsigned int queue)
{
    if (virtq_announce(&device->queues[queue])) {
        interrupt(device, VIRTIO_CAUSE_USED, queue);
    }
}

void virtio_device_config_changed(struct virtio_device *device, bool tells)
{
    device->config_generation++;
    if (tells && is_live(device)) {
        interrupt(device, VIRTIO_CAUSE_CONFIG, 0);
    }
}

/* 2.1.2: a driver that is running is told. */
void virtio_device_fail(struct virtio_device *device, const char *what)
{
    bool was_live = is_live(device);

    if (!device->is_failure_told) {
        device->is_failure_told = true;
        log_line(device->machine->name, "virtio %s: %s: it needs a reset", device->ops->name, what);
    }
    device->status |= STATUS_NEEDS_RESET;
    if (was_live) {
        interrupt(device, VIRTIO_CAUSE_CONFIG, 0);
    }
}

static void forget_driver(struct virtio_device *device)
{
    device->status = 0;
    device->causes = 0;
    device->device_features_select = 0;
    device->driver_features_select = 0;
    device->driver_features = 0;
    device->queue_select = 0;
    for (unsigned int i = 0; i < VIRTIO_MAX_QUEUES; i++) {
        virtq_reset(&device->queues[i], &device->machine->ram, device->ops->queue_size);
    }
}

/* All that the driver did is undone. */
static void reset_driver_state(struct virtio_device *device)
{
    forget_driver(device);
    device->transport->reset(device->transport_context);
}

/* Half of a feature word that a selector names. */
static uint32_t feature_half(uint64_t features, uint32_t select)
{
    return select < 2 ? (uint32_t)(features >> 32 * select) : 0;
}

static uint32_t read_id(struct virtio_device *device)
{
    return device->ops->id;
}

static uint32_t read_device_features(struct virtio_device *device)
{
    return feature_half(offered_features(device), device->device_features_select);
}

static uint32_t read_device_features_select(struct virtio_device *device)
{
    return device->device_features_select;
}

static void write_device_features_select(struct virtio_device *device, uint32_t value)
{
    device->device_features_select = value;
}

static uint32_t read_driver_features(struct virtio_device *device)
{
    return feature_half(device->driver_features, device->driver_features_select);
}

/* What is negotiated stays (3.1.1, step 5). */
static void write_driver_features(struct virtio_device *device, uint32_t value)
{
    uint32_t shift = 32 * device->driver_features_select;

    if (device->driver_features_select < 2 && (device->status & STATUS_FEATURES_OK) == 0) {
        device->driver_features &= ~(0xffffffffUL << shift);
        device->driver_features |= (uint64_t)value << shift;
    }
}

static uint32_t read_driver_features_select(struct virtio_device *device)
{
    return device->driver_features_select;
}

static void write_driver_features_select(struct virtio_device *device, uint32_t value)
{
    device->driver_features_select = value;
}

static uint32_t read_status(struct virtio_device *device)
{
    return device->status;
}

/* 3.1.1, steps 5 and 6: FEATURES_OK does not stay where the device cannot work with what the
 * driver chose. */
static uint32_t allowed_status(const struct virtio_device *device, uint32_t value)
{
    bool is_fine = (device->driver_features & ~offered_features(device)) == 0 &&
                   (device->driver_features & FEATURE_VERSION_1) != 0;

    return value & (is_fine ? STATUS_DRIVER : STATUS_DRIVER & ~STATUS_FEATURES_OK);
}

static void notify_queue(struct virtio_device *device, uint32_t queue)
{
    if (queue < device->ops->queue_count && virtio_device_queue(device, queue) != NULL) {
        device->ops->notify(device->context, queue);
    }
}

/* There may be something in any of them. */
static void notify_all(struct virtio_device *device)
{
    for (unsigned int i = 0; i < device->ops->queue_count; i++) {
        notify_queue(device, i);
    }
}

/* Bits are only added (2.1.1), or all cleared by a reset. */
static void write_status(struct virtio_device *device, uint32_t value)
{
    bool was_live = is_live(device);

    if (value == 0) {
        reset_driver_state(device);
        device->ops->reset(device->context);
        return;
    }
    device->status |= allowed_status(device, value);
    if ((device->status & STATUS_DRIVER_OK) != 0 && (device->status & STATUS_FEATURES_OK) == 0) {
        virtio_device_fail(device, "the driver goes on without its features");
    }
    if (!was_live) {
        notify_all(device);
    }
}

static uint32_t read_config_generation(struct virtio_device *device)
{
    return device->config_generation;
}

static uint32_t read_causes(struct virtio_device *device)
{
    return device->causes;
}

static void write_causes(struct virtio_device *device, uint32_t value)
{
    device->causes &= ~value;
}

static uint32_t read_queue_select(struct virtio_device *device)
{
    return device->queue_select;
}

static void write_queue_select(struct virtio_device *device, uint32_t value)
{
    device->queue_select = value;
}

static uint32_t read_queue_size_max(struct virtio_device *device)
{
    return selected_queue(device) != NULL ? device->ops->queue_size : 0;
}

static uint32_t read_queue_size(struct virtio_device *device)
{
    const struct virtq *queue = selected_queue(device);

    return queue != NULL ? queue->size : 0;
}

/* A queue in use is not changed (4.2.2.2, 4.1.5.1.3). */
static void write_queue_size(struct virtio_device *device, uint32_t value)
{
    struct virtq *queue = selected_queue(device);

    if (queue != NULL && !queue->is_ready) {
        queue->size = value;
    }
}

static uint32_t read_queue_ready(struct virtio_device *device)
{
    const struct virtq *queue = selected_queue(device);

    return queue != NULL && queue->is_ready ? 1 : 0;
}

static void write_queue_ready(struct virtio_device *device, uint32_t value)
{
    struct virtq *queue = selected_queue(device);

    if (queue == NULL) {
        return;
    }
    if ((value & 1) == 0) {
        virtq_stop(queue);
    } else if (!queue->is_ready && !virtq_start(queue)) {
        virtio_device_fail(device, "a queue's size or place cannot be");
    }
}

/* A register: what reading and writing it does; or half of an address of the selected queue. */
struct register_entry {
    uint32_t (*read)(struct virtio_device *device);
    void (*write)(struct virtio_device *device, uint32_t value);
    uint16_t address; /* of struct virtq; 0: none */
    uint16_t shift;
};

#define ADDRESS(name) .address = offsetof(struct virtq, name)

static const struct register_entry registers[] = {
    [VIRTIO_ID] = {.read = read_id},
    [VIRTIO_DEVICE_FEATURES] = {.read = read_device_features},
    [VIRTIO_DEVICE_FEATURES_SELECT] = {read_device_features_select, write_device_features_select},
    [VIRTIO_DRIVER_FEATURES] = {read_driver_features, write_driver_features},
    [VIRTIO_DRIVER_FEATURES_SELECT] = {read_driver_features_select, write_driver_features_select},
    [VIRTIO_STATUS] = {read_status, write_status},
    [VIRTIO_CONFIG_GENERATION] = {.read = read_config_generation},
    [VIRTIO_CAUSES] = {read_causes, write_causes},
    [VIRTIO_NOTIFY] = {.write = notify_queue},
    [VIRTIO_QUEUE_SELECT] = {read_queue_select, write_queue_select},
    [VIRTIO_QUEUE_SIZE_MAX] = {.read = read_queue_size_max},
    [VIRTIO_QUEUE_SIZE] = {read_queue_size, write_queue_size},
    [VIRTIO_QUEUE_READY] = {read_queue_ready, write_queue_ready},
    [VIRTIO_QUEUE_DESC_LOW] = {ADDRESS(desc_ipa), .shift = 0},
    [VIRTIO_QUEUE_DESC_HIGH] = {ADDRESS(desc_ipa), .shift = 32},
    [VIRTIO_QUEUE_DRIVER_LOW] = {ADDRESS(avail_ipa), .shift = 0},
    [VIRTIO_QUEUE_DRIVER_HIGH] = {ADDRESS(avail_ipa), .shift = 32},
    [VIRTIO_QUEUE_DEVICE_LOW] = {ADDRESS(used_ipa), .shift = 0},
    [VIRTIO_QUEUE_DEVICE_HIGH] = {ADDRESS(used_ipa), .shift = 32},
};

/* NULL: there is no such queue. */
static uint64_t *find_address(struct virtio_device *device, const struct register_entry *entry)
{
    struct virtq *queue = selected_queue(device);

    return queue != NULL ? (uint64_t *)(void *)((uint8_t *)queue + entry->address) : NULL;
}

static void write_address(struct virtio_device *device, const struct register_entry *entry,
                          uint32_t value)
{
    uint64_t *address = find_address(device, entry);

    if (address != NULL && !selected_queue(device)->is_ready) {
        *address &= ~(0xffffffffUL << entry->shift);
        *address |= (uint64_t)value << entry->shift;
    }
}

uint32_t virtio_device_read(struct virtio_device *device, enum virtio_register reg)
{
    const struct register_entry *entry = &registers[reg];

    if (entry->address != 0) {
        const uint64_t *address = find_address(device, entry);

        return address != NULL ? (uint32_t)(*address >> entry->shift) : 0;
    }
    return entry->read != NULL ? entry->read(device) : 0;
}

void virtio_device_write(struct virtio_device *device, enum virtio_register reg, uint32_t value)
{
    const struct register_entry *entry = &registers[reg];

    if (entry->address != 0) {
        write_address(device, entry, value);
    } else if (entry->write != NULL) {
        entry->write(device, value);
    }
}

void virtio_device_let_in(struct virtio_device *device, bool is_let_in)
{
    bool was_kept_out = device->is_kept_out;

    device->is_kept_out = !is_let_in;
    if (is_let_in && was_kept_out) {
        notify_all(device);
    }
}

uint64_t virtio_device_read_config(struct virtio_device *device, uint64_t offset, unsigned int size)
{
    uint64_t value = 0;

    for (unsigned int i = 0; i < size; i++) {
        value |= (uint64_t)device->ops->read_config(device->context, offset + i) << 8 * i;
    }
    return value;
}

void virtio_device_write_config(struct virtio_device *device, uint64_t offset, unsigned int size,
                                uint64_t value)
{
    device->ops->write_config(device->context, offset, size, value);
}

void virtio_device_init(struct virtio_device *device)
{
    device->transport = NULL;
    device->is_kept_out = false;
    device->config_generation = 0;
    device->is_failure_told = false;
    forget_driver(device);
}

void virtio_device_connect(struct virtio_device *device,
                           const struct virtio_transport_ops *transport, void *context)
{
    device->transport = transport;
    device->transport_context = context;
}

void virtio_device_reset(struct virtio_device *device)
{
    device->is_failure_told = false;
    reset_driver_state(device);
}
