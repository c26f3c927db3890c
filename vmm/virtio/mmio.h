/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtio-mmio transport, version 2 (Virtual I/O Device 1.1, section 4.2.2), in front of any
 * virtio device: registers, features, queues, status, interrupt. The device is behind
 * struct virtio_device_ops and has a struct virtio_mmio in its own.
 *
 * A driver that breaks the rules makes its device DEVICE_NEEDS_RESET, which is said once; the
 * device then does nothing until the driver resets it.
 */
#ifndef SLUICE_VMM_VIRTIO_MMIO_H
#define SLUICE_VMM_VIRTIO_MMIO_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/level.h"
#include "vmm/virtio/queue.h"

#define VIRTIO_MMIO_FRAME_SIZE 0x200 /* at least */
#define VIRTIO_MAX_QUEUES      2

struct virtio_device_ops {
    const char *name;     /* for messages */
    uint32_t id;          /* section 5 */
    uint32_t queue_count; /* at most VIRTIO_MAX_QUEUES */
    uint32_t queue_size;  /* at most so many descriptors in each; a power of two */
    uint64_t features;    /* the device's own; the transport adds its */
    /* The driver resets the device. Its queues are stopped. */
    void (*reset)(void *context);
    /* There may be new chains in a queue. Comes only while virtio_mmio_queue() gives it. */
    void (*notify)(void *context, unsigned int queue);
    /* One byte of the configuration space; 0 where there is none. */
    uint8_t (*read_config)(void *context, uint64_t offset);
    void (*write_config)(void *context, uint64_t offset, unsigned int size, uint64_t value);
};

/* What a machine has for all of its virtio devices. */
struct virtio_machine {
    const char *name; /* for messages */
    struct vgic *vgic;
    struct guest_ram ram;
};

struct virtio_mmio {
    const struct virtio_device_ops *ops;
    void *context; /* of `ops` */
    const struct virtio_machine *machine;
    struct level_irq irq;
    bool is_failure_told;
    uint32_t config_generation;
    /* What the driver wrote since it reset the device. */
    uint32_t status;
    uint32_t interrupt_status;
    uint32_t device_features_sel;
    uint32_t driver_features_sel;
    uint64_t driver_features;
    uint32_t queue_sel;
    struct virtq queues[VIRTIO_MAX_QUEUES];
};

/* The context is a struct virtio_mmio. */
extern const struct mmio_ops virtio_mmio_ops;

/* `mmio` has ops, context and machine; the rest of it is set here. False: the vgic has no such
 * interrupt, and the device has none. */
bool virtio_mmio_init(struct virtio_mmio *mmio, unsigned int intid);
/* As after virtio_mmio_init(): the machine is reset. The device's own reset() is not called. */
void virtio_mmio_reset(struct virtio_mmio *mmio);

/* For devices. NULL: the driver has not set it up, or is not allowed to use it any more. */
struct virtq *virtio_mmio_queue(struct virtio_mmio *mmio, unsigned int queue);
bool virtio_mmio_has_feature(const struct virtio_mmio *mmio, uint64_t feature);
/* Tells the driver of chains that were given back, if it wants to know. */
void virtio_mmio_announce(struct virtio_mmio *mmio, unsigned int queue);
/* The configuration space reads otherwise from now on. `tells`: an interrupt says so. */
void virtio_mmio_config_changed(struct virtio_mmio *mmio, bool tells);
/* The driver broke a rule, which `what` names. */
void virtio_mmio_fail(struct virtio_mmio *mmio, const char *what);

#endif
