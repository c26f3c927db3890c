/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a UART's driver shares with the one program that uses it: a region and a channel, on which
 * each signals the other. Both sides map the region readable and writable, cached; it starts
 * zeroed.
 *
 *   offset    what
 *   0x0000    struct uart_status       the driver writes
 *   0x0400    struct uart_control      the user writes
 *   0x0800    three struct ring_shared out, in, log
 *   0x1000    bytes of the ring `in`   received
 *   0x5000    bytes of the ring `out`  to be sent
 *   0x9000    bytes of the ring `log`  the debug console's text, see below
 *   0xb000    end
 *
 * Received bytes that do not fit stay in the UART, which stops the sender; none is dropped, but for
 * those that arrived with a framing error. A break is no byte: it is counted, with its place among
 * the bytes. `drain` asks for an answer in `drained` as soon as the ring `out` was empty and the
 * last bit was sent.
 *
 * What the kernel and programs print on the debug console would stand between the bytes of `out`.
 * Where the SDK can give it to the driver instead (MICROKIT_HAS_DEBUG_READ), it is in `log`; lines
 * end with a newline alone.
 */
#ifndef SLUICE_COMPONENTS_SERIAL_UART_H
#define SLUICE_COMPONENTS_SERIAL_UART_H

#include "components/serial/ring.h"

#define UART_RING_SIZE   0x4000
#define UART_LOG_SIZE    0x2000
#define UART_REGION_SIZE 0x10000 /* what a description gives it, at least 0xb000 */

struct uart_status {
    uint32_t break_count; /* how many breaks there were … */
    uint32_t break_at;    /* … and the last one before the byte of `in` that has this number */
    uint32_t drained;     /* control.drain when all was sent */
    /* Since the start, for who wants to know. */
    uint32_t overrun_count; /* how often bytes were lost since nobody took them in time */
    uint32_t framing_count; /* bytes dropped since they were none */
    uint32_t irq_count;
};

struct uart_control {
    uint32_t drain; /* a new value asks */
};

struct uart_region {
    struct uart_status status;
    uint8_t pad0[0x400 - sizeof(struct uart_status)];
    struct uart_control control;
    uint8_t pad1[0x400 - sizeof(struct uart_control)];
    struct ring_shared out;
    struct ring_shared in;
    struct ring_shared log;
    uint8_t pad2[0x800 - 3 * sizeof(struct ring_shared)];
    uint8_t in_data[UART_RING_SIZE];
    uint8_t out_data[UART_RING_SIZE];
    uint8_t log_data[UART_LOG_SIZE];
};

_Static_assert(offsetof(struct uart_region, out) == 0x800, "rings");
_Static_assert(sizeof(struct uart_region) == 0xb000, "uart_region");

#endif
