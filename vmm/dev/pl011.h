/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual PL011, revision r1p5 (ARM DDI 0183G): the UART with FIFOs of 32 bytes, without DMA and
 * IrDA. Its line is a console port (console.h) and infinitely fast: what is sent leaves the
 * transmit FIFO at once unless the port has no room, and the receive FIFO fills from the port as
 * the guest empties it, so that nothing is lost in front of it. A rate has to come with the port's
 * input: a driver that finds the FIFO full whenever it looks does not leave its interrupt handler
 * (docs/decisions/0006-a-line-with-a-rate.md).
 *
 * It is as firmware leaves it, that is enabled (the manual's reset value of UARTCR is 0x300), for
 * guests that print before they have a driver.
 */
#ifndef SLUICE_VMM_DEV_PL011_H
#define SLUICE_VMM_DEV_PL011_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/console.h"
#include "vmm/dev/mmio_bus.h"
#include "vmm/irq/level.h"

#define PL011_FRAME_SIZE 0x1000
#define PL011_FIFO_DEPTH 32

struct pl011_fifo {
    uint16_t entries[PL011_FIFO_DEPTH]; /* as UARTDR: data, and errors that came with it */
    uint32_t first;
    uint32_t count;
};

struct pl011 {
    const struct console_port *port;
    struct level_irq irq;
    struct pl011_fifo transmit;
    struct pl011_fifo receive;
    bool port_is_empty; /* until it says that it has input */
    bool overrun;       /* a character was lost, and none came since */
    /* Registers, spelled as in the manual. */
    uint32_t rsr;
    uint32_t ilpr;
    uint32_t ibrd;
    uint32_t fbrd;
    uint32_t lcr_h;
    uint32_t cr;
    uint32_t ifls;
    uint32_t imsc;
    uint32_t ris;
    uint32_t dmacr;
};

/* The context is a struct pl011. */
extern const struct mmio_ops pl011_ops;

/* `port` stays the caller's. False: the vgic has no such interrupt, and the UART has none. */
bool pl011_init(struct pl011 *uart, const struct console_port *port, struct vgic *vgic,
                unsigned int intid);
/* As after pl011_init(). What waits in the FIFOs is lost. */
void pl011_reset(struct pl011 *uart);
/* What the port tells it. Input that is there already is taken when the guest looks for it. */
struct console_device pl011_console(struct pl011 *uart);

#endif
