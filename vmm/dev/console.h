/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam between a console as a guest sees it - a device: virtual PL011, virtio console - and
 * where its bytes go and come from: a port. Neither knows which the other is. vmm/console.c joins
 * them.
 */
#ifndef SLUICE_VMM_DEV_CONSOLE_H
#define SLUICE_VMM_DEV_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

/* What a device asks of its port. Bytes that the port does not take, or does not have, stay where
 * they are; the device is told when that changes. */
struct console_port {
    /* Prints at most `count` bytes; returns how many. Fewer: `room` of the device is called later.
     */
    uint32_t (*write)(void *context, const uint8_t *bytes, uint32_t count);
    /* How many bytes write() would take now. */
    uint32_t (*room)(void *context);
    /* What was typed, at most `count` bytes; returns how many. Fewer: `input` is called later. */
    uint32_t (*read)(void *context, uint8_t *bytes, uint32_t count);
    /* A break comes next, before further bytes; true: it is taken. */
    bool (*take_break)(void *context);
    void *context;
};

/* What the port tells its device. */
struct console_device {
    void (*input)(void *context); /* there is something to read(), or a break */
    void (*room)(void *context);  /* there is room to write() */
    void (*resize)(void *context, uint16_t columns, uint16_t rows);
    void (*reset)(void *context); /* as when the machine was switched on */
    void *context;
};

#endif
