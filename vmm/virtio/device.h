/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What virtio devices have in common, whatever transport they are behind (Virtual I/O Device 1.1,
 * sections 2 and 3): status, features, queues, notifications, causes of interrupts, failure.
 *
 *     device of a kind (console.h) -- struct virtio_device -- transport (mmio.h, pci.h)
 *
 * The device of a kind is behind struct virtio_device_ops and has a struct virtio_device in its
 * own. The transport is behind struct virtio_transport_ops and turns its registers into those of
 * enum virtio_register. Neither knows which the other is.
 *
 * A driver that breaks the rules makes its device DEVICE_NEEDS_RESET, which is said once; the
 * device then does nothing until the driver resets it.
 */
#ifndef SLUICE_VMM_VIRTIO_DEVICE_H
#define SLUICE_VMM_VIRTIO_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/virtio/queue.h"

#define VIRTIO_MAX_QUEUES 2

struct virtio_device_ops {
    const char *name;     /* for messages */
    uint32_t id;          /* section 5 */
    uint32_t queue_count; /* at most VIRTIO_MAX_QUEUES */
    uint32_t queue_size;  /* at most so many descriptors in each; a power of two */
    uint64_t features;    /* the device's own */
    /* The driver resets the device. Its queues are stopped. */
    void (*reset)(void *context);
    /* There may be new chains in a queue. Comes only while virtio_device_queue() gives it. */
    void (*notify)(void *context, unsigned int queue);
    /* One byte of the configuration space; 0 where there is none. */
    uint8_t (*read_config)(void *context, uint64_t offset);
    void (*write_config)(void *context, uint64_t offset, unsigned int size, uint64_t value);
};

/* Why a device interrupts; as in the InterruptStatus of virtio-mmio and the ISR of virtio-pci. */
#define VIRTIO_CAUSE_USED   0x1u /* a queue has used buffers */
#define VIRTIO_CAUSE_CONFIG 0x2u /* the configuration changed, or the device failed */

struct virtio_transport_ops {
    /* The driver is to be told: `cause` is in the device's causes now. `queue` is of
     * VIRTIO_CAUSE_USED. */
    void (*interrupt)(void *context, uint32_t cause, unsigned int queue);
    /* What the driver told the device is undone, and there are no causes. */
    void (*reset)(void *context);
};

/* What a machine has for all of its virtio devices. */
struct virtio_machine {
    const char *name; /* for messages */
    struct vgic *vgic;
    struct guest_ram ram;
};

struct virtio_device {
    const struct virtio_device_ops *ops;
    void *context; /* of `ops` */
    const struct virtio_machine *machine;
    const struct virtio_transport_ops *transport; /* NULL: not connected yet */
    void *transport_context;
    bool is_kept_out; /* of the guest's RAM, by the transport */
    bool is_failure_told;
    uint32_t config_generation;
    /* What the driver wrote since it reset the device, and what it is to be told. */
    uint32_t status;
    uint32_t causes; /* VIRTIO_CAUSE_* */
    uint32_t device_features_select;
    uint32_t driver_features_select;
    uint64_t driver_features;
    uint32_t queue_select;
    struct virtq queues[VIRTIO_MAX_QUEUES];
};

/* `device` has ops, context and machine; the rest of it is set here. */
void virtio_device_init(struct virtio_device *device);
/* The transport is there. Once, before the guest runs. */
void virtio_device_connect(struct virtio_device *device,
                           const struct virtio_transport_ops *transport, void *context);
/* As after virtio_device_init(), but for the transport, which is reset: the machine is. The
 * device's own reset() is not called. */
void virtio_device_reset(struct virtio_device *device);

/* For devices. NULL: the driver has not set it up, or is not allowed to use it any more. */
struct virtq *virtio_device_queue(struct virtio_device *device, unsigned int queue);
bool virtio_device_has_feature(const struct virtio_device *device, uint64_t feature);
/* Tells the driver of chains that were given back, if it wants to know. */
void virtio_device_announce(struct virtio_device *device, unsigned int queue);
/* The configuration space reads otherwise from now on. `tells`: an interrupt says so. */
void virtio_device_config_changed(struct virtio_device *device, bool tells);
/* The driver broke a rule, which `what` names. */
void virtio_device_fail(struct virtio_device *device, const char *what);

/* For transports: what their registers come down to. Those of a queue are of the selected one. */
enum virtio_register {
    VIRTIO_ID,
    VIRTIO_DEVICE_FEATURES, /* the half that is selected */
    VIRTIO_DEVICE_FEATURES_SELECT,
    VIRTIO_DRIVER_FEATURES,
    VIRTIO_DRIVER_FEATURES_SELECT,
    VIRTIO_STATUS,
    VIRTIO_CONFIG_GENERATION,
    VIRTIO_CAUSES, /* written: these are acknowledged */
    VIRTIO_NOTIFY, /* the number of a queue is written */
    VIRTIO_QUEUE_SELECT,
    VIRTIO_QUEUE_SIZE_MAX, /* 0: there is no such queue */
    VIRTIO_QUEUE_SIZE,     /* likewise */
    VIRTIO_QUEUE_READY,    /* 0 or 1 */
    VIRTIO_QUEUE_DESC_LOW,
    VIRTIO_QUEUE_DESC_HIGH,
    VIRTIO_QUEUE_DRIVER_LOW,
    VIRTIO_QUEUE_DRIVER_HIGH,
    VIRTIO_QUEUE_DEVICE_LOW,
    VIRTIO_QUEUE_DEVICE_HIGH,
};

/* Whether the device may get at queues. It may from the start; virtio_device_reset() does not
 * change that. */
void virtio_device_let_in(struct virtio_device *device, bool is_let_in);
/* What cannot be written is ignored. */
uint32_t virtio_device_read(struct virtio_device *device, enum virtio_register reg);
void virtio_device_write(struct virtio_device *device, enum virtio_register reg, uint32_t value);
/* 1, 2, 4 or 8 bytes of the configuration space, at any offset. */
uint64_t virtio_device_read_config(struct virtio_device *device, uint64_t offset,
                                   unsigned int size);
void virtio_device_write_config(struct virtio_device *device, uint64_t offset, unsigned int size,
                                uint64_t value);

#endif
