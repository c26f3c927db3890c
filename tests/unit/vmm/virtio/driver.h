/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's virtio driver for tests: RAM with rings in it, and registers. The RAM is two ranges
 * that follow each other for the guest and lie apart in the VMM, and one that is not mapped.
 */
#ifndef SLUICE_TESTS_UNIT_VMM_VIRTIO_DRIVER_H
#define SLUICE_TESTS_UNIT_VMM_VIRTIO_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/virtio/mmio.h"

#define DRIVER_RAM        0x40000000UL
#define DRIVER_RANGE_SIZE 0x10000UL
#define DRIVER_SECOND     (DRIVER_RAM + DRIVER_RANGE_SIZE)
#define DRIVER_NOT_MAPPED (DRIVER_SECOND + DRIVER_RANGE_SIZE)
#define DRIVER_RAM_END    (DRIVER_NOT_MAPPED + DRIVER_RANGE_SIZE)

/* Where the driver has the rings of a queue, and from where on there is room for buffers. */
#define DRIVER_QUEUE(queue) (DRIVER_RAM + 0x1000UL * (queue))
#define DRIVER_AVAIL        0x600UL
#define DRIVER_USED         0x800UL
#define DRIVER_BUFFERS      (DRIVER_RAM + 0x4000UL)

enum driver_desc_flag {
    DRIVER_NEXT = 1,
    DRIVER_WRITE = 2,
    DRIVER_INDIRECT = 4,
};

struct driver_desc {
    uint64_t ipa;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};

struct driver_used {
    uint32_t id;
    uint32_t length;
};

/* Offsets of registers. */
enum driver_register {
    DRIVER_DEVICE_FEATURES = 0x010,
    DRIVER_DEVICE_FEATURES_SEL = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_FEATURES_SEL = 0x024,
    DRIVER_QUEUE_SEL = 0x030,
    DRIVER_QUEUE_NUM_MAX = 0x034,
    DRIVER_QUEUE_NUM = 0x038,
    DRIVER_QUEUE_READY = 0x044,
    DRIVER_QUEUE_NOTIFY = 0x050,
    DRIVER_INTERRUPT_STATUS = 0x060,
    DRIVER_INTERRUPT_ACK = 0x064,
    DRIVER_STATUS = 0x070,
    DRIVER_QUEUE_DESC = 0x080,
    DRIVER_QUEUE_AVAIL = 0x090,
    DRIVER_QUEUE_USED = 0x0a0,
    DRIVER_CONFIG_GENERATION = 0x0fc,
    DRIVER_CONFIG = 0x100,
};

/* All RAM is zero. Returns what the VMM knows of it. */
struct guest_ram driver_reset(void);
/* The driver's own view of its RAM. */
void *driver_pointer(uint64_t ipa);

/* Rings, at their places for `queue`, of `size` entries. */
void driver_describe(unsigned int queue, unsigned int index, const struct driver_desc *desc);
void driver_offer(unsigned int queue, unsigned int size, uint16_t head);
void driver_set_avail_index(unsigned int queue, uint16_t index);
void driver_set_avail_flags(unsigned int queue, uint16_t flags);
uint16_t driver_used_index(unsigned int queue);
struct driver_used driver_used(unsigned int queue, unsigned int size, unsigned int number);

/* Registers. */
uint64_t driver_read_sized(struct virtio_mmio *mmio, uint64_t offset, unsigned int size);
uint32_t driver_read(struct virtio_mmio *mmio, uint64_t offset);
void driver_write_sized(struct virtio_mmio *mmio, uint64_t offset, unsigned int size,
                        uint64_t value);
void driver_write(struct virtio_mmio *mmio, uint64_t offset, uint32_t value);
/* Features, and FEATURES_OK. Returns the status then. */
uint32_t driver_negotiate(struct virtio_mmio *mmio, uint64_t features);
/* A queue at its place. */
void driver_set_queue(struct virtio_mmio *mmio, unsigned int queue, unsigned int size);
/* All that 3.1.1 asks for, with `features` and queues of `size` entries. */
void driver_start(struct virtio_mmio *mmio, uint64_t features, unsigned int size);

#endif
