/* SPDX-License-Identifier: BSD-2-Clause */
/* See pl011.h. */
#include "kernel/dev/pl011.h"

#include "kernel/arch/arch.h"

#define UARTDR  0x00
#define UARTFR  0x18
#define FR_TXFF (1U << 5)

static uint64_t uart;

void pl011_init(uint64_t base)
{
    uart = base;
}

bool pl011_has_room(void)
{
    return uart != 0 && (arch_read32(uart + UARTFR) & FR_TXFF) == 0;
}

void pl011_send(char character)
{
    arch_write32(uart + UARTDR, (uint8_t)character);
}
