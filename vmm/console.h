/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console of a virtual machine: joins the device that the guest sees with the console
 * multiplexer on the other side of a shared region (components/serial/client.h), tells the
 * multiplexer how the machine is, and hands on what it is told to do with it. Without a multiplexer
 * all of this does nothing.
 */
#ifndef SLUICE_VMM_CONSOLE_H
#define SLUICE_VMM_CONSOLE_H

#include <microkit.h>
#include <stdbool.h>
#include <stdint.h>

#include "components/serial/client.h"
#include "vmm/dev/console.h"
#include "vmm/dev/pl011.h"
#include "vmm/dev/watchdog.h"
#include "vmm/virtio/console.h"
#include "vmm/virtio/transport.h"

struct vm;

struct vm_console {
    struct console_client client;
    struct console_port port;
    struct console_device device; /* without functions: the guest has no such console */
    union {
        struct pl011 pl011;
        struct {
            struct virtio_console virtio;
            struct virtio_transport transport; /* of `virtio` */
        };
    };
    struct watchdog watchdog;
    struct watchdog_machine watchdog_machine;
    uint16_t columns; /* what the device was told of the terminal */
    uint16_t rows;
};

/* Once. `region` may be NULL. */
void vm_console_connect(struct vm *vm, void *region, microkit_channel channel);
/* Puts the configuration's console on the bus, and the watchdog, for which the multiplexer has the
 * timer. False: it cannot be. */
bool vm_console_create_devices(struct vm *vm);
/* The guest is started anew. */
void vm_console_reset(struct vm *vm);
/* vm->state has changed: the multiplexer is told, and the watchdog is on while the guest runs. */
void vm_console_tell_state(struct vm *vm);
/* How much DMA its functions were refused; the multiplexer is told. */
void vm_console_tell_faults(struct vm *vm);
/* Microkit's notified(). False: not the console's channel. */
bool vm_console_notified(struct vm *vm, microkit_channel ch);

#endif
