/* SPDX-License-Identifier: BSD-2-Clause */
/* What the bare guests of this system share: a console by polling, random numbers. No MMU. */
#ifndef SLUICE_TESTS_HOSTILE_GUEST_H
#define SLUICE_TESTS_HOSTILE_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#define RAM_START 0x40000000UL
#define RAM_SIZE  0x800000UL
#define UART      0x9000000UL
#define UART_FR   0x18
#define UART_IMSC 0x38
#define FR_TXFF   (1U << 5)
#define FR_RXFE   (1U << 4)
#define RX_AND_RT (1U << 4 | 1U << 6)

#define GICD           0x8000000UL
#define GICD_CTLR      0x0
#define GICD_ISENABLER 0x100
#define GICD_ITARGETSR 0x800
#define GICC           0x8010000UL
#define GICC_CTLR      0x0
#define GICC_PMR       0x4
#define GICC_IAR       0xc
#define GICC_EOIR      0x10
#define UART_INTID     33

#define LINE_SIZE 64

static inline uint32_t mmio_read(uint64_t address)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void mmio_write(uint64_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline void print(const char *text)
{
    for (; *text != '\0'; text++) {
        while ((mmio_read(UART + UART_FR) & FR_TXFF) != 0) {
        }
        mmio_write(UART, (uint8_t)*text);
    }
}

static inline bool equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Interrupts end a WFI, and are not taken. */
static inline void enable_input(void)
{
    mmio_write(GICD + GICD_ITARGETSR + UART_INTID / 4 * 4, 0x01010101);
    mmio_write(GICD + GICD_ISENABLER + UART_INTID / 32 * 4, 1U << UART_INTID % 32);
    mmio_write(GICD + GICD_CTLR, 1);
    mmio_write(GICC + GICC_PMR, 0xff);
    mmio_write(GICC + GICC_CTLR, 1);
    mmio_write(UART + UART_IMSC, RX_AND_RT);
}

static inline char read_char(void)
{
    while ((mmio_read(UART + UART_FR) & FR_RXFE) != 0) {
        __asm__ volatile("wfi" : : : "memory");
        mmio_write(GICC + GICC_EOIR, mmio_read(GICC + GICC_IAR));
    }
    return (char)mmio_read(UART);
}

/* With echo; without its end. */
static inline void read_line(char *line)
{
    unsigned int length = 0;
    char text[2] = {0};

    while ((text[0] = read_char()) != '\r') {
        if (length < LINE_SIZE - 1) {
            line[length++] = text[0];
            print(text);
        }
    }
    line[length] = '\0';
    print("\r\n");
}

static inline uint64_t random64(void)
{
    static uint64_t state = 88172645463325252UL;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 2685821657736338717UL;
}

void guest_main(void);

#endif
