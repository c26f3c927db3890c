/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio console (Virtual I/O Device 1.1, section 5.3) of one port, with the terminal's size and
 * emergency write. What it prints goes to, and what it gives the guest to read comes from, a
 * console port (vmm/dev/console.h). There is no such thing as a break here: it is dropped.
 */
#ifndef SLUICE_VMM_VIRTIO_CONSOLE_H
#define SLUICE_VMM_VIRTIO_CONSOLE_H

#include "vmm/dev/console.h"
#include "vmm/virtio/device.h"

struct virtio_console {
    struct virtio_device virtio; /* for its transport */
    const struct console_port *port;
    uint16_t columns; /* 0: not known */
    uint16_t rows;
    bool is_size_told;
};

/* `port` and `machine` stay the caller's. A transport is connected before the guest runs. */
void virtio_console_init(struct virtio_console *console, const struct console_port *port,
                         const struct virtio_machine *machine);
/* As after virtio_console_init(), but for the terminal's size and the transport. */
void virtio_console_reset(struct virtio_console *console);
/* What the port tells it. */
struct console_device virtio_console_device(struct virtio_console *console);

#endif
