/* SPDX-License-Identifier: BSD-2-Clause */
/* See mmio.h. Sections are those of Virtual I/O Device 1.1. */
#include "vmm/virtio/mmio.h"

#include <stddef.h>

#define MAGIC     0x74726976u /* "virt" */
#define VERSION   2u
#define VENDOR_ID 0x554c53u /* "SLU" */

#define CONFIG_START  0x100u
#define REGISTER_SIZE 4u

enum direction {
    CONSTANT,
    READ,
    WRITE,
    READ_WRITE,
};

struct mmio_register {
    uint16_t offset;
    enum direction direction;
    uint32_t is; /* enum virtio_register, or the constant */
};

/* Table 4.1 */
static const struct mmio_register registers[] = {
    /* MagicValue, Version, DeviceID, VendorID */
    {0x000, CONSTANT, MAGIC},
    {0x004, CONSTANT, VERSION},
    {0x008, READ, VIRTIO_ID},
    {0x00c, CONSTANT, VENDOR_ID},
    /* DeviceFeatures, DeviceFeaturesSel, DriverFeatures, DriverFeaturesSel */
    {0x010, READ, VIRTIO_DEVICE_FEATURES},
    {0x014, WRITE, VIRTIO_DEVICE_FEATURES_SELECT},
    {0x020, WRITE, VIRTIO_DRIVER_FEATURES},
    {0x024, WRITE, VIRTIO_DRIVER_FEATURES_SELECT},
    /* QueueSel, QueueNumMax, QueueNum, QueueReady, QueueNotify */
    {0x030, WRITE, VIRTIO_QUEUE_SELECT},
    {0x034, READ, VIRTIO_QUEUE_SIZE_MAX},
    {0x038, WRITE, VIRTIO_QUEUE_SIZE},
    {0x044, READ_WRITE, VIRTIO_QUEUE_READY},
    {0x050, WRITE, VIRTIO_NOTIFY},
    /* InterruptStatus, InterruptACK, Status */
    {0x060, READ, VIRTIO_CAUSES},
    {0x064, WRITE, VIRTIO_CAUSES},
    {0x070, READ_WRITE, VIRTIO_STATUS},
    /* QueueDescLow and High, QueueDriverLow and High, QueueDeviceLow and High */
    {0x080, WRITE, VIRTIO_QUEUE_DESC_LOW},
    {0x084, WRITE, VIRTIO_QUEUE_DESC_HIGH},
    {0x090, WRITE, VIRTIO_QUEUE_DRIVER_LOW},
    {0x094, WRITE, VIRTIO_QUEUE_DRIVER_HIGH},
    {0x0a0, WRITE, VIRTIO_QUEUE_DEVICE_LOW},
    {0x0a4, WRITE, VIRTIO_QUEUE_DEVICE_HIGH},
    /* ConfigGeneration */
    {0x0fc, READ, VIRTIO_CONFIG_GENERATION},
};

static void update_irq(struct virtio_mmio *mmio)
{
    level_irq_set(&mmio->irq, mmio->device->causes != 0);
}

static const struct mmio_register *find_register(uint64_t offset)
{
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        if (registers[i].offset == offset) {
            return &registers[i];
        }
    }
    return NULL;
}

/* By words, aligned (4.2.2.2); anything else reads as zero and is ignored. */
static void access_register(struct virtio_mmio *mmio, struct mmio_access *access)
{
    const struct mmio_register *reg = find_register(access->offset);

    if (reg == NULL || access->size != REGISTER_SIZE) {
        return;
    }
    if (access->is_write && (reg->direction == WRITE || reg->direction == READ_WRITE)) {
        virtio_device_write(mmio->device, reg->is, (uint32_t)access->value);
        update_irq(mmio);
    } else if (!access->is_write && reg->direction == CONSTANT) {
        access->value = reg->is;
    } else if (!access->is_write && reg->direction != WRITE) {
        access->value = virtio_device_read(mmio->device, reg->is);
    }
}

/* Of any size: fields of the configuration space are. */
static void access_config(struct virtio_mmio *mmio, struct mmio_access *access)
{
    uint64_t offset = access->offset - CONFIG_START;

    if (access->is_write) {
        virtio_device_write_config(mmio->device, offset, access->size, access->value);
    } else {
        access->value = virtio_device_read_config(mmio->device, offset, access->size);
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

static void interrupt(void *context, uint32_t cause, unsigned int queue)
{
    (void)cause;
    (void)queue;
    update_irq(context);
}

static void reset(void *context)
{
    update_irq(context);
}

static const struct virtio_transport_ops transport_ops = {.interrupt = interrupt, .reset = reset};

bool virtio_mmio_init(struct virtio_mmio *mmio, struct virtio_device *device, unsigned int intid)
{
    mmio->device = device;
    virtio_device_connect(device, &transport_ops, mmio);
    return level_irq_init(&mmio->irq, device->machine->vgic, intid);
}
