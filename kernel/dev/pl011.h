/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PL011 UART (DDI 0183) as the kernel's console: output, and nothing else. It is never
 * reprogrammed, since it may belong to a guest.
 */
#ifndef SLUICE_KERNEL_DEV_PL011_H
#define SLUICE_KERNEL_DEV_PL011_H

#include <stdbool.h>
#include <stdint.h>

void pl011_init(uint64_t base);
/* Whether the transmit FIFO takes a character; not before pl011_init(). */
bool pl011_has_room(void);
/* Where there is room. */
void pl011_send(char character);

#endif
