/* SPDX-License-Identifier: BSD-2-Clause */
/* See mmio.h. Sections are those of Virtual I/O Device 1.1. */
#include "vmm/virtio/mmio.h"

#include <stddef.h>

#include "vmm/log.h"

#define MAGIC     0x74726976u /* "virt" */
#define VERSION   2u
#define VENDOR_ID 0x554c53u /* "SLU" */

/* 2.1 */
#define STATUS_FEATURES_OK 0x08u
#define STATUS_DRIVER_OK   0x04u
#define STATUS_NEEDS_RESET 0x40u
#define STATUS_FAILED      0x80u
#define STATUS_DRIVER      0x8fu /* bits that the driver sets */

#define FEATURE_VERSION_1 (1UL << 32)

#define INTERRUPT_USED   0x1u
#define INTERRUPT_CONFIG 0x2u

#define CONFIG_START  0x100u
#define REGISTER_SIZE 4u

static void update_irq(struct virtio_mmio *mmio)
{
    level_irq_set(&mmio->irq, mmio->interrupt_status != 0);
}

static bool is_live(const struct virtio_mmio *mmio)
{
    return (mmio->status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET | STATUS_FAILED)) ==
           STATUS_DRIVER_OK;
}

static uint64_t offered_features(const struct virtio_mmio *mmio)
{
    return mmio->ops->features | FEATURE_VERSION_1;
}

/* NULL: there is no such queue. */
static struct virtq *selected_queue(struct virtio_mmio *mmio)
{
    return mmio->queue_sel < mmio->ops->queue_count ? &mmio->queues[mmio->queue_sel] : NULL;
}

struct virtq *virtio_mmio_queue(struct virtio_mmio *mmio, unsigned int queue)
{
    return is_live(mmio) && mmio->queues[queue].is_ready ? &mmio->queues[queue] : NULL;
}

bool virtio_mmio_has_feature(const struct virtio_mmio *mmio, uint64_t feature)
{
    return (mmio->status & STATUS_FEATURES_OK) != 0 && (mmio->driver_features & feature) != 0;
}

void virtio_mmio_announce(struct virtio_mmio *mmio, unsigned int queue)
{
    if (virtq_announce(&mmio->queues[queue])) {
        mmio->interrupt_status |= INTERRUPT_USED;
        update_irq(mmio);
    }
}

void virtio_mmio_config_changed(struct virtio_mmio *mmio, bool tells)
{
    mmio->config_generation++;
    if (tells && is_live(mmio)) {
        mmio->interrupt_status |= INTERRUPT_CONFIG;
        update_irq(mmio);
    }
}

/* 2.1.2: a driver that is running is told. */
void virtio_mmio_fail(struct virtio_mmio *mmio, const char *what)
{
    if (!mmio->is_failure_told) {
        mmio->is_failure_told = true;
        log_line(mmio->machine->name, "virtio %s: %s: it needs a reset", mmio->ops->name, what);
    }
    if (is_live(mmio)) {
        mmio->interrupt_status |= INTERRUPT_CONFIG;
        update_irq(mmio);
    }
    mmio->status |= STATUS_NEEDS_RESET;
}

/* All that the driver did is undone. */
static void reset_driver_state(struct virtio_mmio *mmio)
{
    mmio->status = 0;
    mmio->interrupt_status = 0;
    mmio->device_features_sel = 0;
    mmio->driver_features_sel = 0;
    mmio->driver_features = 0;
    mmio->queue_sel = 0;
    for (unsigned int i = 0; i < VIRTIO_MAX_QUEUES; i++) {
        virtq_reset(&mmio->queues[i], &mmio->machine->ram, mmio->ops->queue_size);
    }
    update_irq(mmio);
}

static void notify_queue(struct virtio_mmio *mmio, uint32_t queue)
{
    if (queue < mmio->ops->queue_count && virtio_mmio_queue(mmio, queue) != NULL) {
        mmio->ops->notify(mmio->context, queue);
    }
}

/* Half of a feature word that a selector names. */
static uint32_t feature_half(uint64_t features, uint32_t selector)
{
    return selector < 2 ? (uint32_t)(features >> 32 * selector) : 0;
}

static uint32_t read_magic(struct virtio_mmio *mmio)
{
    (void)mmio;
    return MAGIC;
}

static uint32_t read_version(struct virtio_mmio *mmio)
{
    (void)mmio;
    return VERSION;
}

static uint32_t read_device_id(struct virtio_mmio *mmio)
{
    return mmio->ops->id;
}

static uint32_t read_vendor_id(struct virtio_mmio *mmio)
{
    (void)mmio;
    return VENDOR_ID;
}

static uint32_t read_device_features(struct virtio_mmio *mmio)
{
    return feature_half(offered_features(mmio), mmio->device_features_sel);
}

static void write_device_features_sel(struct virtio_mmio *mmio, uint32_t value)
{
    mmio->device_features_sel = value;
}

/* What is negotiated stays (3.1.1, step 5). */
static void write_driver_features(struct virtio_mmio *mmio, uint32_t value)
{
    uint32_t shift = 32 * mmio->driver_features_sel;

    if (mmio->driver_features_sel < 2 && (mmio->status & STATUS_FEATURES_OK) == 0) {
        mmio->driver_features &= ~(0xffffffffUL << shift);
        mmio->driver_features |= (uint64_t)value << shift;
    }
}

static void write_driver_features_sel(struct virtio_mmio *mmio, uint32_t value)
{
    mmio->driver_features_sel = value < 2 ? value : 2;
}

static void write_queue_sel(struct virtio_mmio *mmio, uint32_t value)
{
    mmio->queue_sel = value;
}

static uint32_t read_queue_num_max(struct virtio_mmio *mmio)
{
    return selected_queue(mmio) != NULL ? mmio->ops->queue_size : 0;
}

/* A queue in use is not changed (4.2.2.2). */
static void write_queue_num(struct virtio_mmio *mmio, uint32_t value)
{
    struct virtq *queue = selected_queue(mmio);

    if (queue != NULL && !queue->is_ready) {
        queue->size = value;
    }
}

static uint32_t read_queue_ready(struct virtio_mmio *mmio)
{
    const struct virtq *queue = selected_queue(mmio);

    return queue != NULL && queue->is_ready ? 1 : 0;
}

static void write_queue_ready(struct virtio_mmio *mmio, uint32_t value)
{
    struct virtq *queue = selected_queue(mmio);

    if (queue == NULL) {
        return;
    }
    if ((value & 1) == 0) {
        virtq_stop(queue);
    } else if (!queue->is_ready && !virtq_start(queue)) {
        virtio_mmio_fail(mmio, "a queue's size or place cannot be");
    }
}

static uint32_t read_interrupt_status(struct virtio_mmio *mmio)
{
    return mmio->interrupt_status;
}

static void write_interrupt_ack(struct virtio_mmio *mmio, uint32_t value)
{
    mmio->interrupt_status &= ~value;
    update_irq(mmio);
}

static uint32_t read_status(struct virtio_mmio *mmio)
{
    return mmio->status;
}

/* 3.1.1, steps 5 and 6: FEATURES_OK does not stay where the device cannot work with what the
 * driver chose. */
static uint32_t allowed_status(const struct virtio_mmio *mmio, uint32_t value)
{
    bool is_fine = (mmio->driver_features & ~offered_features(mmio)) == 0 &&
                   (mmio->driver_features & FEATURE_VERSION_1) != 0;

    return value & (is_fine ? STATUS_DRIVER : STATUS_DRIVER & ~STATUS_FEATURES_OK);
}

/* Bits are only added (2.1.1), or all cleared by a reset. */
static void write_status(struct virtio_mmio *mmio, uint32_t value)
{
    bool was_live = is_live(mmio);

    if (value == 0) {
        reset_driver_state(mmio);
        mmio->ops->reset(mmio->context);
        return;
    }
    mmio->status |= allowed_status(mmio, value);
    if ((mmio->status & STATUS_DRIVER_OK) != 0 && (mmio->status & STATUS_FEATURES_OK) == 0) {
        virtio_mmio_fail(mmio, "the driver goes on without its features");
    }
    for (unsigned int i = 0; i < mmio->ops->queue_count && !was_live; i++) {
        notify_queue(mmio, i);
    }
}

static uint32_t read_config_generation(struct virtio_mmio *mmio)
{
    return mmio->config_generation;
}

/* A register: what reading and writing it does; or half of an address of the selected queue. */
struct virtio_register {
    uint16_t offset;
    uint16_t address; /* of struct virtq; 0: none */
    uint32_t shift;
    uint32_t (*read)(struct virtio_mmio *mmio);
    void (*write)(struct virtio_mmio *mmio, uint32_t value);
};

#define ADDRESS(name) .address = offsetof(struct virtq, name)

/* Table 4.1 */
static const struct virtio_register registers[] = {
    /* MagicValue, Version, DeviceID, VendorID */
    {0x000, .read = read_magic},
    {0x004, .read = read_version},
    {0x008, .read = read_device_id},
    {0x00c, .read = read_vendor_id},
    /* DeviceFeatures, DeviceFeaturesSel, DriverFeatures, DriverFeaturesSel */
    {0x010, .read = read_device_features},
    {0x014, .write = write_device_features_sel},
    {0x020, .write = write_driver_features},
    {0x024, .write = write_driver_features_sel},
    /* QueueSel, QueueNumMax, QueueNum, QueueReady, QueueNotify */
    {0x030, .write = write_queue_sel},
    {0x034, .read = read_queue_num_max},
    {0x038, .write = write_queue_num},
    {0x044, .read = read_queue_ready, .write = write_queue_ready},
    {0x050, .write = notify_queue},
    /* InterruptStatus, InterruptACK, Status */
    {0x060, .read = read_interrupt_status},
    {0x064, .write = write_interrupt_ack},
    {0x070, .read = read_status, .write = write_status},
    /* QueueDescLow and High, QueueDriverLow and High, QueueDeviceLow and High */
    {0x080, ADDRESS(desc_ipa), .shift = 0},
    {0x084, ADDRESS(desc_ipa), .shift = 32},
    {0x090, ADDRESS(avail_ipa), .shift = 0},
    {0x094, ADDRESS(avail_ipa), .shift = 32},
    {0x0a0, ADDRESS(used_ipa), .shift = 0},
    {0x0a4, ADDRESS(used_ipa), .shift = 32},
    /* ConfigGeneration */
    {0x0fc, .read = read_config_generation},
};

static const struct virtio_register *find_register(uint64_t offset)
{
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        if (registers[i].offset == offset) {
            return &registers[i];
        }
    }
    return NULL;
}

static void write_address(struct virtio_mmio *mmio, const struct virtio_register *reg,
                          uint32_t value)
{
    struct virtq *queue = selected_queue(mmio);
    uint64_t *address;

    if (queue != NULL && !queue->is_ready) {
        address = (uint64_t *)(void *)((uint8_t *)queue + reg->address);
        *address &= ~(0xffffffffUL << reg->shift);
        *address |= (uint64_t)value << reg->shift;
    }
}

/* By words, aligned (4.2.2.2); anything else reads as zero and is ignored. */
static void access_register(struct virtio_mmio *mmio, struct mmio_access *access)
{
    const struct virtio_register *reg = find_register(access->offset);

    if (reg == NULL || access->size != REGISTER_SIZE) {
        return;
    }
    if (access->is_write && reg->address != 0) {
        write_address(mmio, reg, (uint32_t)access->value);
    } else if (access->is_write && reg->write != NULL) {
        reg->write(mmio, (uint32_t)access->value);
    } else if (!access->is_write && reg->read != NULL) {
        access->value = reg->read(mmio);
    }
}

/* Of any size: fields of the configuration space are. */
static void access_config(struct virtio_mmio *mmio, struct mmio_access *access)
{
    uint64_t offset = access->offset - CONFIG_START;

    if (access->is_write) {
        mmio->ops->write_config(mmio->context, offset, access->size, access->value);
        return;
    }
    for (unsigned int i = 0; i < access->size; i++) {
        access->value |= (uint64_t)mmio->ops->read_config(mmio->context, offset + i) << 8 * i;
    }
}

static bool virtio_mmio_access(void *context, struct mmio_access *access)
{
    if (!access->is_write) {
        access->value = 0;
    }
    if (access->offset < CONFIG_START) {
        access_register(context, access);
    } else {
        access_config(context, access);
    }
    return true;
}

const struct mmio_ops virtio_mmio_ops = {.access = virtio_mmio_access};

bool virtio_mmio_init(struct virtio_mmio *mmio, unsigned int intid)
{
    bool has_irq = level_irq_init(&mmio->irq, mmio->machine->vgic, intid);

    mmio->config_generation = 0;
    virtio_mmio_reset(mmio);
    return has_irq;
}

void virtio_mmio_reset(struct virtio_mmio *mmio)
{
    mmio->is_failure_told = false;
    reset_driver_state(mmio);
}
