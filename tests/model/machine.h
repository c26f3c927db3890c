/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the machine's devices are, and its private interrupts. */
#ifndef SLUICE_TESTS_MODEL_MACHINE_H
#define SLUICE_TESTS_MODEL_MACHINE_H

#include <stdint.h>

#define MACHINE_GICD 0x08000000UL
#define MACHINE_GICC 0x08010000UL
#define MACHINE_GICH 0x08030000UL
#define MACHINE_GICR 0x080a0000UL
#define MACHINE_UART 0x09000000UL

#define MACHINE_INTIDS 64U

#define MACHINE_GICR_SIZE 0x20000UL /* of a core */

#define MACHINE_MAINTENANCE    25U
#define MACHINE_HYP_TIMER      26U
#define MACHINE_VIRTUAL_TIMER  27U
#define MACHINE_PHYSICAL_TIMER 30U /* of EL1 */

#define MACHINE_SCTLR_NATIVE 1UL /* of programs at EL0 */

/* The UART: now and then its FIFO is full. */
uint32_t machine_uart_read(uint64_t offset);
void machine_uart_write(uint64_t offset, uint32_t value);
/* Back to machine_run(). */
_Noreturn void machine_stop(void);

#endif
