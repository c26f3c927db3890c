/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PL011 UART (DDI 0183) as the kernel's console: polled output, and nothing else. It is never
 * reprogrammed, since it may belong to a guest.
 */
#ifndef SLUICE_KERNEL_DEV_PL011_H
#define SLUICE_KERNEL_DEV_PL011_H

#include <stdint.h>

void pl011_init(uint64_t base);
/* Waits for room in the transmit FIFO; does nothing before pl011_init(). */
void pl011_putc(char character);

#endif
