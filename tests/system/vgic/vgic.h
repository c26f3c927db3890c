/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's parts. gic.c has the interrupt controller, a GICv2 or a GICv3, whichever is there. */
#ifndef SLUICE_TESTS_VGIC_H
#define SLUICE_TESTS_VGIC_H

#include <stdbool.h>
#include <stdint.h>

#define UART      0x9000000UL
#define UART_DR   0x00
#define UART_FR   0x18
#define UART_IMSC 0x38
#define UART_ICR  0x44
#define FR_TXFF   (1U << 5)
#define TX        (1U << 5)

#define GICD 0x8000000UL
#define GICC 0x8010000UL
#define GICR 0x80a0000UL

/* Both GICs have them: in the distributor, private interrupts' in a GICv3's redistributor. */
#define CTLR       0x000
#define IGROUPR    0x080
#define ISENABLER  0x100
#define ICENABLER  0x180
#define ISPENDR    0x200
#define ICPENDR    0x280
#define ISACTIVER  0x300
#define ICACTIVER  0x380
#define IPRIORITYR 0x400
#define SGIR       0xf00
#define CPENDSGIR  0xf10
#define SPENDSGIR  0xf20

#define TIMER      27U
#define UART_INTID 33U
#define NOTHING    1023U

#define TICKS_PER_US (62500000UL / 1000000UL)

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

static inline uint8_t read8(uint64_t address)
{
    uint32_t value;

    __asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return (uint8_t)value;
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

static inline void wait_us(uint64_t us)
{
    uint64_t begin = now();

    while (now() - begin < us * TICKS_PER_US) {
    }
}

/* gic.c */

extern bool gic_is_v3;

void gic_find(void);
/* Distributor and CPU interface on, nothing masked. */
void gic_on(void);
/* Where a register with a bit for each interrupt has that of `intid`. */
uint64_t gic_bits(unsigned int reg, unsigned int intid);
void gic_set(unsigned int reg, unsigned int intid);
bool gic_get(unsigned int reg, unsigned int intid);
void gic_prioritise(unsigned int intid, uint8_t priority);
/* To this CPU. */
void gic_send_sgi(unsigned int intid);
/* IAR: what comes within a moment, or NOTHING. */
unsigned int gic_take(void);
void gic_end(unsigned int intid);

/* main.c: a line "vgic NAME INTID: ok", or what was got and what wanted. */
void check(const char *name, uint64_t number, uint64_t got, uint64_t want);
void print(const char *text);
void exception(void);
void guest_main(void);

/* registers.c: what they are after a reset, and which bits can be written. Before all else. */
void registers_all(void);
/* states.c: pending and active. */
void states_all(void);

#endif
