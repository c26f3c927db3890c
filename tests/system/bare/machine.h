/* SPDX-License-Identifier: BSD-2-Clause */
/* What bare guests find whatever they test: PL011, the timer, accesses to registers. */
#ifndef SLUICE_TESTS_BARE_MACHINE_H
#define SLUICE_TESTS_BARE_MACHINE_H

#include <stdint.h>

#define UART      0x9000000UL
#define UART_DR   0x00
#define UART_FR   0x18
#define UART_IMSC 0x38
#define UART_ICR  0x44
#define FR_TXFF   (1U << 5)
#define TX        (1U << 5)

#define TIMER      27U
#define UART_INTID 33U
#define NOTHING    1023U /* what IAR has then */

/* The core's, which is not the same on all of them. */
static inline uint64_t ticks_per_us(void)
{
    uint64_t frequency;

    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency / 1000000;
}

static inline uint32_t read32(uint64_t address)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void write32(uint64_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline void write8(uint64_t address, uint8_t value)
{
    __asm__ volatile("strb %w0, [%1]" : : "r"((uint32_t)value), "r"(address) : "memory");
}

static inline uint64_t now(void)
{
    uint64_t count;

    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(count) : : "memory");
    return count;
}

#endif
