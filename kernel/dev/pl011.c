/* SPDX-License-Identifier: BSD-2-Clause */
/* See pl011.h. */
#include "kernel/dev/pl011.h"

#include "kernel/arch/arch.h"

#define UARTDR     0x00
#define UARTFR     0x18
#define FR_TXFF    (1U << 5)
#define POLL_LIMIT 1000000 /* a guest may have turned the UART off: rather lose text than hang */

static uint64_t uart;

void pl011_init(uint64_t base)
{
    uart = base;
}

static void send(char character)
{
    for (unsigned int i = 0; i < POLL_LIMIT; i++) {
        if ((arch_read32(uart + UARTFR) & FR_TXFF) == 0) {
            arch_write32(uart + UARTDR, (uint8_t)character);
            return;
        }
    }
}

void pl011_putc(char character)
{
    if (uart == 0) {
        return;
    }
    if (character == '\n') {
        send('\r');
    }
    send(character);
}
